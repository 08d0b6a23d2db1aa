package telemetry

import (
	"context"
	"log/slog"

	"parley/app/chat"
)

// requests is a log's handler that says which request a line belongs to, when its context knows.
type RequestHandler struct{ slog.Handler }

func (r RequestHandler) Handle(ctx context.Context, line slog.Record) error {
	if id := chat.RequestInfoFrom(ctx).ID; id != "" {
		line.AddAttrs(slog.String("request", id))
	}
	return r.Handler.Handle(ctx, line)
}

func (r RequestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return RequestHandler{r.Handler.WithAttrs(attrs)}
}

func (r RequestHandler) WithGroup(name string) slog.Handler {
	return RequestHandler{r.Handler.WithGroup(name)}
}
