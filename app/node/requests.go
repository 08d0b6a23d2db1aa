package node

import (
	"context"
	"log/slog"

	"parley/app/chat"
)

// requests is a log's handler that says which request a line belongs to, when its context knows.
type requests struct{ slog.Handler }

func (r requests) Handle(ctx context.Context, line slog.Record) error {
	if id := chat.CallOf(ctx).ID; id != "" {
		line.AddAttrs(slog.String("request", id))
	}
	return r.Handler.Handle(ctx, line)
}

func (r requests) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requests{r.Handler.WithAttrs(attrs)}
}

func (r requests) WithGroup(name string) slog.Handler { return requests{r.Handler.WithGroup(name)} }
