// Package web answers HTTP, in Fiber, whose types stop here: pages, htmx fragments, JSON and problems from one handler each, and the
// frames of the event streams. routes.go is the table of contents.
package web
