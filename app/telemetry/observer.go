package telemetry

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Observer passes what the other packages report to the metrics, the traces, the
// delivery traces and the log, without the text of messages. It implements the
// Observer of chat, redis, kafka, sse and web. Safe for concurrent use.
type Observer struct {
	Metrics    *Metrics
	Traces     *Traces // nil: traces are off
	TraceStore TraceStore
	Logger     *slog.Logger
}

// TraceStore notes the path of single messages, for operators.
type TraceStore interface {
	// Accepted notes that the log or the store has the message.
	Accepted(chat.Message)

	// Published notes that Redis has the message.
	Published(chat.Message)

	// Delivered notes that the message reached so many streams of this replica.
	Delivered(m chat.Message, streams int)

	// Stored notes when the message was stored. The first note of a message counts.
	Stored(message uuid.UUID, at time.Time)
}

// Accept begins the trace of a message that is not durable yet, and returns its
// traceparent; "" when the message isn't sampled.
func (o *Observer) Accept(ctx context.Context, m chat.Message) string {
	return o.Traces.Accept(chat.RequestInfoFrom(ctx), m)
}

// Appended reports the log's answer to a message.
func (o *Observer) Appended(m chat.Message, began time.Time, err error) {
	o.Metrics.Appended(m, began, err)
	o.Traces.Appended(m, began, err)
	if err == nil {
		o.TraceStore.Accepted(m) // before the message is published
	}
}

// Sent reports the result of a send. A message that was rejected early has no id.
func (o *Observer) Sent(ctx context.Context, m chat.Message, result chat.Result, began time.Time, err error) {
	o.Metrics.Sent(result)
	if m.ID == uuid.Nil {
		return
	}
	if result != chat.ResultRepeated {
		o.Traces.Sent(chat.RequestInfoFrom(ctx), m, result, began, err)
	}

	outcome := ""
	switch result {
	case chat.ResultAccepted, chat.ResultDirect:
		outcome = "sent"
	case chat.ResultNotSent, chat.ResultUnconfirmed:
		outcome = "not sent"
	}
	if outcome != "" && o.Logger.Enabled(ctx, slog.LevelDebug) {
		o.Logger.DebugContext(ctx, outcome,
			"message", m.ID, "conversation", m.ConversationID, "result", result, "took_seconds", time.Since(began))
	}
}

// Published reports whether Redis took a message.
func (o *Observer) Published(m chat.Message, began time.Time, ok bool) {
	o.Metrics.Published(m, began, ok)
	o.Traces.Published(m, began, ok)
	if ok {
		o.TraceStore.Published(m)
	}
}

// Delivered reports a message that reached streams of this replica.
func (o *Observer) Delivered(m chat.Message, streams int) {
	o.Metrics.Delivered(m)
	o.Traces.Delivered(m, streams)
	o.TraceStore.Delivered(m, streams)
}

// Stored reports a batch that the writer has stored.
func (o *Observer) Stored(messages []chat.Message, stored []chat.StoredConversation, began, ended time.Time) {
	o.Metrics.Stored(messages, began, ended)
	o.Traces.Stored(messages, func(m chat.Message) int64 { return seqOf(m, stored) }, began, ended)
	for _, m := range messages {
		o.TraceStore.Stored(m.ID, ended)
	}
	o.Logger.Debug("stored", "messages", len(messages), "conversations", len(stored), "took_seconds", ended.Sub(began))
}

func seqOf(m chat.Message, stored []chat.StoredConversation) int64 {
	for _, c := range stored {
		if c.ConversationID == m.ConversationID {
			if seq := c.Seq(m.ID); seq != nil {
				return *seq
			}
		}
	}
	return 0
}

// StoredDirect reports a message that was stored without the log, and the messages
// of the tail that were stored before it. The writer reports those of the tail again
// when it finds them stored; only it makes their spans.
func (o *Observer) StoredDirect(m chat.Message, stored []chat.StoredConversation, began, ended time.Time) {
	o.Metrics.StoredDirect(m, ended)
	o.Traces.Stored([]chat.Message{m}, func(m chat.Message) int64 { return *m.Seq }, began, ended)
	o.TraceStore.Accepted(m)
	for _, c := range stored {
		for _, message := range c.Messages {
			o.TraceStore.Stored(message.ID, ended)
		}
	}
}

// DeadLettered reports a dead letter.
func (o *Observer) DeadLettered() { o.Metrics.DeadLettered() }

// Assigned reports how many partitions the writer has now.
func (o *Observer) Assigned(partitions int) { o.Metrics.Assigned(partitions) }

// SignedIn reports the result of a sign-in.
func (o *Observer) SignedIn(provider string, result chat.SignInResult) {
	o.Metrics.SignedIn(provider, result)
}

// Requested reports an HTTP response.
func (o *Observer) Requested(method, route string, status int, took time.Duration) {
	o.Metrics.Requested(method, route, status, took)
}
