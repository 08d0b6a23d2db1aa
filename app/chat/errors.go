package chat

import (
	"errors"
	"fmt"
	"time"

	"parley/app/limit"
)

// Kind names what went wrong, in the words that a program reads as a problem's type (RFC 9457).
type Kind string

const (
	KindInvalid     Kind = "invalid"     // a field's value is no good; Field says which
	KindSignedOut   Kind = "signed-out"  // no session
	KindNotFound    Kind = "not-found"   // it doesn't exist, or the person may not see it
	KindReadOnly    Kind = "not-friends" // may read, not write
	KindConflict    Kind = "conflict"    // it was settled otherwise meanwhile
	KindTooFast     Kind = "too-fast"    // a rate limit; RetryAfter says how long
	KindNotSent     Kind = "not-sent"    // nobody was given the message
	KindUnconfirmed Kind = "unconfirmed" // neither answer came in time; the same message again is safe
	KindUnavailable Kind = "unavailable" // a component that this needs is away
)

// Error is a refusal that a person may read: Detail is one plain sentence or two, never an internal error. Err, the cause, is
// for logs only.
type Error struct {
	Kind       Kind
	Detail     string
	Field      string
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Kind, e.Err)
	}
	return string(e.Kind) + ": " + e.Detail
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf tells the kind of err, or "" when it is none of ours.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// ErrUnknownOutcome marks an error after which a write may or may not have happened: an acknowledgement that never came, a
// connection that died during COMMIT. Without it, an error from a port means: it did not happen.
var ErrUnknownOutcome = errors.New("outcome unknown")

// ErrContent marks a message that can never be stored for what it is: an unknown conversation, bytes that Postgres refuses.
// Trying again is useless.
var ErrContent = errors.New("content refused")

// Invalid refuses a field's value.
func Invalid(field, detail string) *Error {
	return &Error{Kind: KindInvalid, Field: field, Detail: detail}
}

// ErrNotFound says the same for what isn't there and for what one may not see.
func ErrNotFound() *Error {
	return &Error{Kind: KindNotFound, Detail: "There’s nothing at this address, or it belongs to a conversation you are not part of."}
}

// ErrSignedOut asks for a sign-in.
func ErrSignedOut() *Error { return &Error{Kind: KindSignedOut, Detail: "Please sign in."} }

// Unavailable says that a component (a name for logs) is away.
func Unavailable(component string, err error) *Error {
	return &Error{
		Kind: KindUnavailable, RetryAfter: 5 * time.Second, Err: fmt.Errorf("%s: %w", component, err),
		Detail: "This is out of reach just now. Nothing is lost; please try again in a moment.",
	}
}

// tooFast turns a limit.Exceeded error into a TooFast error for people, and
// returns any other error as it is.
func tooFast(err error) error {
	var exceeded *limit.Exceeded
	if !errors.As(err, &exceeded) {
		return err
	}

	after := max(exceeded.RetryAfter.Round(time.Second), time.Second)
	unit := "seconds"
	if after == time.Second {
		unit = "second"
	}
	return &Error{
		Kind:       KindTooFast,
		RetryAfter: after,
		Detail:     fmt.Sprintf("That was a lot at once. Your words stay here; try again in %d %s.", int(after.Seconds()), unit),
	}
}
