package admin

import "errors"

// Reading is the last answer of a dependency, or the error instead of it.
type Reading[T any] struct {
	Value T
	Err   error
}

// OK reports whether there is a value.
func (r Reading[T]) OK() bool { return r.Err == nil }

// ErrNoAnswer reports that a dependency did not answer in time.
var ErrNoAnswer = errors.New("it does not answer")

// Rate is the growth of a figure.
type Rate struct {
	PerSecond float64   // now
	Points    []float64 // per second, oldest first
}
