package chat

import (
	"context"
	"time"
)

// Observer measures and traces sends. Its methods return at once and are safe for
// concurrent use.
type Observer interface {
	// Accept is called before a message is made durable. It returns the trace that
	// travels with the message: a traceparent (W3C Trace Context), or "".
	Accept(ctx context.Context, m Message) (trace string)
	// Appended is called with the log's reply. When err is nil, the log has
	// acknowledged the message, whose LogOffset is set.
	Appended(m Message, began time.Time, err error)
	// StoredDirect is called when a message was stored without the log. stored also
	// has the messages that the same transactions stored or found stored before it.
	StoredDirect(m Message, stored []StoredConversation, began, ended time.Time)
	// Sent is called with the outcome of every send. A message that was rejected before
	// it had an id has none.
	Sent(ctx context.Context, m Message, result Result, began time.Time, err error)
}

// NoObserver is the Observer that does nothing.
type NoObserver struct{}

var _ Observer = NoObserver{}

// Accept returns no trace.
func (NoObserver) Accept(context.Context, Message) string { return "" }

// Appended does nothing.
func (NoObserver) Appended(Message, time.Time, error) {}

// StoredDirect does nothing.
func (NoObserver) StoredDirect(Message, []StoredConversation, time.Time, time.Time) {}

// Sent does nothing.
func (NoObserver) Sent(context.Context, Message, Result, time.Time, error) {}
