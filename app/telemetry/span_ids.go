package telemetry

import (
	"context"
	"crypto/rand"

	"go.opentelemetry.io/otel/trace"
)

// idsKey is the context key of the ids that the next span gets.
type idsKey struct{}

func withIDs(ctx context.Context, s trace.SpanContext) context.Context {
	return context.WithValue(ctx, idsKey{}, s)
}

// idGenerator gives a span the ids in its context, or else random ones.
type idGenerator struct{}

// NewIDs implements sdktrace.IDGenerator.
func (idGenerator) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if s, ok := ctx.Value(idsKey{}).(trace.SpanContext); ok {
		return s.TraceID(), s.SpanID()
	}
	var id trace.TraceID
	_, _ = rand.Read(id[:]) // it never fails
	return id, newSpanID()
}

// NewSpanID implements sdktrace.IDGenerator.
func (idGenerator) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	if s, ok := ctx.Value(idsKey{}).(trace.SpanContext); ok {
		return s.SpanID()
	}
	return newSpanID()
}

func newSpanID() (id trace.SpanID) {
	_, _ = rand.Read(id[:])
	return id
}
