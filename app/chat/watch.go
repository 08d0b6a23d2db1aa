package chat

import (
	"context"
	"time"
)

// Watch hears what becomes of sends, for those who measure and trace them. Its methods return at once, and are safe for concurrent use.
type Observer interface {
	// Accept hears of a message before it is made durable, and answers the trace that travels with it: a traceparent (W3C Trace Context), or "".
	Accept(ctx context.Context, m Message) (trace string)
	// Appended tells how the log answered; nil: it has acknowledged the message, whose LogOffset is set.
	Appended(m Message, began time.Time, err error)
	// StoredDirect hears of a message that was stored past the log, and of all that the same transactions stored or found stored before it.
	StoredDirect(m Message, stored []StoredConversation, began, ended time.Time)
	// Sent hears of every send when its answer is known. Of one that was refused early m has no id.
	Sent(ctx context.Context, m Message, result Result, began time.Time, err error)
}

// Observe has w hear of sends from now on. Not to be called once there are some.
func (s *Service) Observe(w Observer) { s.observer = w }

// Result is what became of a send. Their names are told to other programs: they stay.
type Result string

const (
	ResultAccepted    Result = "accepted"    // acknowledged by the log
	ResultDirect      Result = "direct"      // stored past the log
	ResultRepeated    Result = "repeated"    // it had been sent a moment before
	ResultRefused     Result = "refused"     // against the rules, or not the sender's to write there
	ResultLimited     Result = "limited"     // sent too fast
	ResultNotSent     Result = "not_sent"    // neither log nor store took it, or too many sent at once
	ResultUnconfirmed Result = "unconfirmed" // it may appear yet
	ResultUnavailable Result = "unavailable" // who may write isn't known, or the tail is full
)

// Results are all of them.
func Results() []Result {
	return []Result{ResultAccepted, ResultDirect, ResultRepeated, ResultRefused, ResultLimited, ResultNotSent, ResultUnconfirmed, ResultUnavailable}
}

func resultOf(m Message, err error) Result {
	if err == nil {
		if m.LogOffset == nil {
			return ResultDirect
		}
		return ResultAccepted
	}
	switch KindOf(err) {
	case KindTooFast:
		return ResultLimited
	case KindUnconfirmed:
		return ResultUnconfirmed
	case KindUnavailable:
		return ResultUnavailable
	case KindInvalid, KindNotFound, KindReadOnly:
		return ResultRefused
	}
	return ResultNotSent
}

// Call is what a request is known by.
type RequestInfo struct {
	ID    string // in the answer's header and in logs
	Began time.Time
	Trace string // the traceparent that came with it, as it came: anybody may have written it
}

type requestInfoKey struct{}

// WithRequestInfo has ctx know its request.
func WithRequestInfo(ctx context.Context, c RequestInfo) context.Context {
	return context.WithValue(ctx, requestInfoKey{}, c)
}

// RequestInfoFrom finds the request, or the zero one.
func RequestInfoFrom(ctx context.Context) RequestInfo {
	c, _ := ctx.Value(requestInfoKey{}).(RequestInfo)
	return c
}
