package telemetry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"parley/app/chat"
)

// Traces tell OpenTelemetry of each message's way: one trace for a message, with a span "send" and under it "append", "publish", "deliver" on each
// replica that had streams for it, and "store". Nil traces nothing and costs nothing. Safe for concurrent use.
//
// A trace's id follows from the message's: so it needs to be kept nowhere, and a retry, which is the same message, is the same trace. Only a post that
// comes with a trace of its own is told in that one. Spans are made when what they tell of is over; rooms only carry the traceparent.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	replica  string
}

// NewTraces exports by OTLP, over gRPC or HTTP, as the environment's OTEL_* say: it is OpenTelemetry that reads them. It doesn't wait for the
// collector; what that doesn't take is dropped.
func NewTraces(ctx context.Context, replica, version string, grpc bool, logger *slog.Logger) (*Traces, error) {
	export := func() (sdktrace.SpanExporter, error) { return otlptracehttp.New(ctx) }
	if grpc {
		export = func() (sdktrace.SpanExporter, error) { return otlptracegrpc.New(ctx) }
	}
	exporter, err := export()
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "parley"), attribute.String("service.instance.id", replica), attribute.String("service.version", version)),
		resource.WithFromEnv()) // last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the final word
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { logger.Warn("traces not told", "error", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about), sdktrace.WithIDGenerator(ids{}))
	return &Traces{provider: provider, tracer: provider.Tracer("parley"), replica: replica}, nil
}

// Close exports what is left, until ctx ends.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// TraceID is that of a message: the first half of its id's SHA-256. The id itself won't do: its version and variant bits would spoil samplers.
func TraceID(message uuid.UUID) string { return traceID(message).String() }

func traceID(message uuid.UUID) (id trace.TraceID) {
	sum := sha256.Sum256(message[:])
	copy(id[:], sum[:])
	return id
}

// TraceOf is the id in a traceparent, or "".
func TraceOf(traceparent string) string {
	if s := parse(traceparent); s.IsValid() {
		return s.TraceID().String()
	}
	return ""
}

// Of answers the id of a message's own trace, or "" when this replica would trace no such message.
func (t *Traces) Of(message uuid.UUID) string {
	if t == nil || !t.begun(message, trace.SpanContext{}).IsSampled() {
		return ""
	}
	return TraceID(message)
}

// begun asks the sampler, by a span that is never ended, and so never exported.
func (t *Traces) begun(message uuid.UUID, caller trace.SpanContext) trace.SpanContext {
	asked := trace.SpanContextConfig{TraceID: traceID(message), SpanID: newSpanID()}
	if caller.IsValid() {
		asked.TraceID = caller.TraceID()
	}
	return t.first(trace.NewSpanContext(asked), caller).SpanContext()
}

// first starts a message's first span, with the ids of s, under its caller's if that is of the same trace: of two posts of one message that came at once,
// the trace is the first's.
func (t *Traces) first(s, caller trace.SpanContext, options ...trace.SpanStartOption) trace.Span {
	ctx := with(context.Background(), s)
	if caller.TraceID() == s.TraceID() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, caller)
	}
	_, span := t.tracer.Start(ctx, "send", append(options, trace.WithSpanKind(trace.SpanKindServer))...)
	return span
}

// Accept begins a message's trace, or continues that of its post: its traceparent, or "" when it isn't sampled. What the post's says of sampling is one of
// the things that the operator's sampler may heed (parentbased_…) or not; a malformed one is none.
func (t *Traces) Accept(call chat.RequestInfo, m chat.Message) string {
	if t == nil {
		return ""
	}
	begun := t.begun(m.ID, parse(call.Trace))
	if !begun.IsSampled() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), begun), carrier)
	return carrier["traceparent"]
}

// Sent ends the trace's first span, from the browser's post on.
func (t *Traces) Sent(call chat.RequestInfo, m chat.Message, result chat.Result, began time.Time, err error) {
	if t == nil || m.Trace == "" {
		return
	}
	if !call.Began.IsZero() {
		began = call.Began
	}
	span := t.first(parse(m.Trace), parse(call.Trace), trace.WithTimestamp(began), trace.WithAttributes(
		attribute.String("parley.message.id", m.ID.String()), attribute.String("parley.conversation.id", m.ConversationID.String()),
		attribute.String("parley.result", string(result)), attribute.String("parley.request.id", call.ID)))
	end(span, time.Now(), err)
}

// Appended tells of the log's answer.
func (t *Traces) Appended(m chat.Message, began time.Time, err error) {
	attrs := []attribute.KeyValue{attribute.String("messaging.system", "kafka")}
	if m.LogOffset != nil {
		attrs = append(attrs, attribute.Int64("messaging.kafka.offset", *m.LogOffset))
	}
	t.span(m, "append", trace.SpanKindProducer, began, time.Now(), err, attrs...)
}

// Published tells that Redis has it, or couldn't be told.
func (t *Traces) Published(m chat.Message, began time.Time, ok bool) {
	var err error
	if !ok {
		err = errNotPublished
	}
	t.span(m, "publish", trace.SpanKindProducer, began, time.Now(), err, attribute.String("messaging.system", "redis"))
}

var errNotPublished = fmt.Errorf("redis couldn't be told")

// Delivered tells of streams here.
func (t *Traces) Delivered(m chat.Message, streams int) {
	now := time.Now()
	t.span(m, "deliver", trace.SpanKindConsumer, now, now, nil, attribute.Int("parley.streams", streams))
}

// Stored tells of a batch, or of one message that was stored past the log: one span in each message's trace.
func (t *Traces) Stored(messages []chat.Message, seq func(chat.Message) int64, began, ended time.Time) {
	if t == nil {
		return
	}
	for _, m := range messages {
		if m.Trace != "" {
			t.span(m, "store", trace.SpanKindConsumer, began, ended, nil, attribute.Int64("parley.seq", seq(m)), attribute.Int("parley.batch", len(messages)))
		}
	}
}

func (t *Traces) span(m chat.Message, name string, kind trace.SpanKind, began, ended time.Time, err error, attrs ...attribute.KeyValue) {
	if t == nil || m.Trace == "" {
		return
	}
	attrs = append(attrs, attribute.String("parley.message.id", m.ID.String()), attribute.String("parley.replica", t.replica))
	_, span := t.tracer.Start(trace.ContextWithRemoteSpanContext(context.Background(), parse(m.Trace)), name, trace.WithTimestamp(began),
		trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
	end(span, ended, err)
}

// end says that it failed, not how: an error may quote what nobody is to read.
func end(span trace.Span, at time.Time, err error) {
	if err != nil {
		span.SetStatus(codes.Error, string(chat.KindOf(err)))
	}
	span.End(trace.WithTimestamp(at))
}

func parse(traceparent string) trace.SpanContext {
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": traceparent}))
}

// chosen is the key of the ids that a span is to have.
type chosen struct{}

func with(ctx context.Context, s trace.SpanContext) context.Context {
	return context.WithValue(ctx, chosen{}, s)
}

// ids gives spans random ids, but those that were chosen.
type ids struct{}

func (ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if s, ok := ctx.Value(chosen{}).(trace.SpanContext); ok {
		return s.TraceID(), s.SpanID()
	}
	var id trace.TraceID
	_, _ = rand.Read(id[:]) // it never fails
	return id, newSpanID()
}

func (ids) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	if s, ok := ctx.Value(chosen{}).(trace.SpanContext); ok {
		return s.SpanID()
	}
	return newSpanID()
}

func newSpanID() (id trace.SpanID) {
	_, _ = rand.Read(id[:])
	return id
}
