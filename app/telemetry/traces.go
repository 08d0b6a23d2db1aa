package telemetry

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"parley/app/chat"
)

// Traces exports each message's path to OpenTelemetry: one trace for a message, with
// the span "send" and under it "append", "publish", "deliver" on each replica with
// streams for the message, and "store". A nil *Traces exports nothing. Safe for
// concurrent use.
//
// A trace's id is derived from the message's. So no replica needs to keep the id, and
// a retry, which is the same message, belongs to the same trace. Only a post with a
// trace of its own continues that one. A span is created when its work is over; the
// other packages only carry the traceparent.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	replica  string
}

// NewTraces returns traces that are exported by OTLP, over gRPC or HTTP.
// OpenTelemetry reads its environment variables OTEL_* itself. NewTraces doesn't wait
// for the collector; spans that the collector doesn't accept are dropped.
func NewTraces(ctx context.Context, replica, version string, grpc bool, logger *slog.Logger) (*Traces, error) {
	newExporter := func() (sdktrace.SpanExporter, error) { return otlptracehttp.New(ctx) }
	if grpc {
		newExporter = func() (sdktrace.SpanExporter, error) { return otlptracegrpc.New(ctx) }
	}

	exporter, err := newExporter()
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}

	res, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			attribute.String("service.name", "parley"),
			attribute.String("service.instance.id", replica),
			attribute.String("service.version", version),
		),
		resource.WithFromEnv(), // last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
	)
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}

	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { logger.Warn("trace export failed", "error", err) }))
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(res),
		sdktrace.WithIDGenerator(idGenerator{}),
	)
	return &Traces{provider: provider, tracer: provider.Tracer("parley"), replica: replica}, nil
}

// Close exports the remaining spans, until ctx ends.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// TraceID returns the trace id that is derived from a message's id: the first half of
// its SHA-256. The id itself is not random enough for samplers, because of its version
// and variant bits.
func TraceID(message uuid.UUID) string { return traceID(message).String() }

func traceID(message uuid.UUID) (id trace.TraceID) {
	sum := sha256.Sum256(message[:])
	copy(id[:], sum[:])
	return id
}

// TraceOf returns the trace id in a traceparent; "" if that is malformed or empty.
func TraceOf(traceparent string) string {
	if s := parse(traceparent); s.IsValid() {
		return s.TraceID().String()
	}
	return ""
}

// Of returns the id of a message's own trace, or "" if this replica's sampler would
// not sample it.
func (t *Traces) Of(message uuid.UUID) string {
	if t == nil || !t.sample(message, trace.SpanContext{}).IsSampled() {
		return ""
	}
	return TraceID(message)
}

// Accept begins a message's trace, or continues that of its post, and returns its
// traceparent; "" when it isn't sampled. The operator's sampler decides whether the
// post's sampled flag counts (parentbased_…). A malformed traceparent is ignored.
func (t *Traces) Accept(request chat.RequestInfo, m chat.Message) string {
	if t == nil {
		return ""
	}

	sampled := t.sample(m.ID, parse(request.Trace))
	if !sampled.IsSampled() {
		return ""
	}

	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), sampled), carrier)
	return carrier["traceparent"]
}

// sample asks the sampler for the context of a message's first span. It starts a span
// that is never ended, and so never exported.
func (t *Traces) sample(message uuid.UUID, caller trace.SpanContext) trace.SpanContext {
	ids := trace.SpanContextConfig{TraceID: traceID(message), SpanID: newSpanID()}
	if caller.IsValid() {
		ids.TraceID = caller.TraceID()
	}
	return t.startFirst(trace.NewSpanContext(ids), caller).SpanContext()
}

// startFirst starts a message's first span with the ids of s. Its parent is the
// caller's span if that belongs to the same trace: when two posts of one message come
// at once, the trace is the first post's.
func (t *Traces) startFirst(s, caller trace.SpanContext, options ...trace.SpanStartOption) trace.Span {
	ctx := withIDs(context.Background(), s)
	if caller.TraceID() == s.TraceID() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, caller)
	}
	_, span := t.tracer.Start(ctx, "send", append(options, trace.WithSpanKind(trace.SpanKindServer))...)
	return span
}

func parse(traceparent string) trace.SpanContext {
	carrier := propagation.MapCarrier{"traceparent": traceparent}
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), carrier))
}
