// Package ops serves the operators' pages, through net/http and on a listener of its own that people don't reach.
package ops
