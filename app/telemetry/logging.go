package telemetry

import (
	"context"
	"io"
	"log/slog"
	"math"
	"strings"
	"time"

	"parley/app/chat"
)

// NewLogger returns a logger that writes JSON, or else text, to w: one line per record.
// Lines whose context belongs to a request have its id as "request_id". A duration is a
// number of seconds, under a key that ends in "_seconds".
func NewLogger(w io.Writer, json bool, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: secondsOfDurations}
	if json {
		return slog.New(requestHandler{slog.NewJSONHandler(w, options)})
	}
	return slog.New(requestHandler{slog.NewTextHandler(w, options)})
}

// secondsOfDurations replaces a duration, which JSON would show as nanoseconds.
func secondsOfDurations(_ []string, a slog.Attr) slog.Attr {
	const suffix = "_seconds"

	d, ok := a.Value.Any().(time.Duration)
	if !ok {
		return a
	}
	if !strings.HasSuffix(a.Key, suffix) {
		a.Key += suffix
	}
	a.Value = slog.Float64Value(math.Round(d.Seconds()*1e6) / 1e6)
	return a
}

// CaptureStandardLog makes package log, and with it libraries that log there, write to
// logger as warnings. It concerns the whole process.
func CaptureStandardLog(logger *slog.Logger) {
	slog.SetLogLoggerLevel(slog.LevelWarn)
	slog.SetDefault(logger)
}

// requestHandler adds the id of the context's request under the key "request_id".
type requestHandler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h requestHandler) Handle(ctx context.Context, line slog.Record) error {
	if id := chat.RequestInfoFrom(ctx).ID; id != "" {
		line.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs implements slog.Handler.
func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name)}
}
