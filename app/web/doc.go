// Package web answers people's HTTP requests with Fiber, which no other package
// imports. Each route has one handler, which renders pages, htmx fragments, JSON and
// problems alike. The package also renders the events of streams.
//
// Start with routes.go, the table of routes.
package web
