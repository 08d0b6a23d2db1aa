package chat

import (
	"errors"
	"fmt"
	"time"

	"parley/app/limit"
)

// Kind is the kind of an Error. Its value is a problem type for programs (RFC 9457).
type Kind string

// Kinds of errors.
const (
	KindInvalid     Kind = "invalid"     // a field's value is invalid; Field names it
	KindSignedOut   Kind = "signed-out"  // no session
	KindNotFound    Kind = "not-found"   // it doesn't exist, or the person may not see it
	KindInviteOver  Kind = "invite-over" // an invite link that doesn't work, or not for this person
	KindReadOnly    Kind = "not-friends" // the person may read and not write, of two people
	KindNotAllowed  Kind = "not-allowed" // the person's role does not permit it
	KindFull        Kind = "full"        // there is no room for more
	KindConflict    Kind = "conflict"    // it was changed in the meantime
	KindSpent       Kind = "spent"       // the client id is that of a message that was sent
	KindTooFast     Kind = "too-fast"    // rate limit exceeded; RetryAfter is the wait
	KindNotSent     Kind = "not-sent"    // the message is certainly not sent
	KindUnconfirmed Kind = "unconfirmed" // the message may be sent; a retry is safe
	KindUnavailable Kind = "unavailable" // a dependency is down
)

// Error is an error that a person may read. Detail is one or two plain sentences and
// never an internal error. Err, the cause, is for logs only.
type Error struct {
	Kind       Kind
	Detail     string
	Field      string
	RetryAfter time.Duration
	Err        error
}

// Error returns the kind and the cause, or without a cause the detail, for logs.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Kind, e.Err)
	}
	return string(e.Kind) + ": " + e.Detail
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of err, or "" when err wraps no Error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// ErrUnknownOutcome marks an error after which a write may or may not have happened:
// a missing acknowledgement, or a connection lost during COMMIT. An error of a port
// that doesn't wrap it means that the write did not happen.
var ErrUnknownOutcome = errors.New("outcome unknown")

// ErrContent marks a message that can never be stored because of its content: an
// unknown conversation, or bytes that Postgres rejects. A retry is useless.
var ErrContent = errors.New("content refused")

// Invalid returns the error for an invalid value of a field.
func Invalid(field, detail string) *Error {
	return &Error{Kind: KindInvalid, Field: field, Detail: detail}
}

// ErrNotFound returns the error for what doesn't exist or may not be seen. Both have
// the same text, so that the error doesn't reveal which it is.
func ErrNotFound() *Error {
	return &Error{
		Kind:   KindNotFound,
		Detail: "There’s nothing at this address, or it belongs to a conversation you are not part of.",
	}
}

// ErrSpent returns the error for a draft under the client id of a message that was sent.
func ErrSpent() *Error {
	return &Error{
		Kind:   KindSpent,
		Detail: "This message was sent already, from another page. Send what you write now as a new one.",
	}
}

// ErrSignedOut returns the error for a request without a session.
func ErrSignedOut() *Error { return &Error{Kind: KindSignedOut, Detail: "Please sign in."} }

// Unavailable returns the error for a dependency that is down. The name is for logs.
func Unavailable(dependency string, err error) *Error {
	return &Error{
		Kind:       KindUnavailable,
		RetryAfter: 5 * time.Second,
		Err:        fmt.Errorf("%s: %w", dependency, err),
		Detail:     "This is out of reach just now. Nothing is lost; please try again in a moment.",
	}
}

// errReadOnly returns the error for writing where the person may only read.
func errReadOnly(m Membership) *Error {
	switch {
	case m.Kind != GroupConversation:
		return &Error{Kind: KindReadOnly, Detail: "You can read, but not write."}
	case m.Role == RoleNone:
		return ErrNotAllowed("You are no longer in this group.")
	}
	return ErrNotAllowed("Only admins write here.")
}

// tooFast turns a limit.Exceeded error into a TooFast error for people, and returns
// any other error unchanged.
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
		Detail: fmt.Sprintf("That was a lot at once. Your words stay here; try again in %d %s.",
			int(after.Seconds()), unit),
	}
}
