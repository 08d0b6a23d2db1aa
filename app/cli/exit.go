package cli

import (
	"errors"
	"fmt"
)

// Exit codes of the commands; 1 is any other failure.
const (
	exitUsage    = 2 // unknown command, wrong flag or argument
	exitUnknown  = 3 // the named object does not exist
	exitResolved = 4 // the dead letter was replayed or discarded before
	exitSkips    = 5 // a rewind would skip messages that are not stored
)

// exitError is an error with an exit code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func exit(code int, format string, args ...any) error {
	return &exitError{code, fmt.Errorf(format, args...)}
}

// misuse is the error of a wrong flag or argument: one sentence and the usage.
func misuse(usage, format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf("%w\n\n%s", fmt.Errorf(format, args...), usage)}
}

// exitCode returns the process's exit code for err.
func exitCode(err error) int {
	var e *exitError
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}
