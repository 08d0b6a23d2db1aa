package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"parley/app/chat"
)

var errNotPublished = errors.New("redis publish failed")

// Sent creates the trace's first span, from the beginning of the browser's post on.
func (t *Traces) Sent(request chat.RequestInfo, m chat.Message, result chat.Result, began time.Time, err error) {
	if t == nil || m.Trace == "" {
		return
	}
	if !request.Began.IsZero() {
		began = request.Began
	}

	span := t.startFirst(parse(m.Trace), parse(request.Trace), trace.WithTimestamp(began), trace.WithAttributes(
		attribute.String("parley.message.id", m.ID.String()),
		attribute.String("parley.conversation.id", m.ConversationID.String()),
		attribute.String("parley.result", string(result)),
		attribute.String("parley.request.id", request.ID),
	))
	end(span, time.Now(), err)
}

// Appended creates the span of the log's acknowledgement.
func (t *Traces) Appended(m chat.Message, began time.Time, err error) {
	attrs := []attribute.KeyValue{attribute.String("messaging.system", "kafka")}
	if m.LogOffset != nil {
		attrs = append(attrs, attribute.Int64("messaging.kafka.offset", *m.LogOffset))
	}
	t.span(m, "append", trace.SpanKindProducer, began, time.Now(), err, attrs...)
}

// Published creates the span of the publication in Redis.
func (t *Traces) Published(m chat.Message, began time.Time, ok bool) {
	var err error
	if !ok {
		err = errNotPublished
	}
	t.span(m, "publish", trace.SpanKindProducer, began, time.Now(), err, attribute.String("messaging.system", "redis"))
}

// Delivered creates the span of the delivery to this replica's streams.
func (t *Traces) Delivered(m chat.Message, streams int) {
	now := time.Now()
	t.span(m, "deliver", trace.SpanKindConsumer, now, now, nil, attribute.Int("parley.streams", streams))
}

// Stored creates a span in the trace of each message of a batch; a message that was
// stored without the log is a batch of one.
func (t *Traces) Stored(messages []chat.Message, seq func(chat.Message) int64, began, ended time.Time) {
	if t == nil {
		return
	}
	for _, m := range messages {
		if m.Trace != "" {
			t.span(m, "store", trace.SpanKindConsumer, began, ended, nil,
				attribute.Int64("parley.seq", seq(m)), attribute.Int("parley.batch", len(messages)))
		}
	}
}

func (t *Traces) span(
	m chat.Message, name string, kind trace.SpanKind, began, ended time.Time, err error, attrs ...attribute.KeyValue,
) {
	if t == nil || m.Trace == "" {
		return
	}
	attrs = append(attrs,
		attribute.String("parley.message.id", m.ID.String()),
		attribute.String("parley.replica", t.replica),
	)
	_, span := t.tracer.Start(trace.ContextWithRemoteSpanContext(context.Background(), parse(m.Trace)), name,
		trace.WithTimestamp(began), trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
	end(span, ended, err)
}

// end reports the kind of an error, not its text, which may quote private data.
func end(span trace.Span, at time.Time, err error) {
	if err != nil {
		span.SetStatus(codes.Error, string(chat.KindOf(err)))
	}
	span.End(trace.WithTimestamp(at))
}
