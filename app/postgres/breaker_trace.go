package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The breaker is the tracer of every connection: pgx reports each connect,
// statement and COPY to it, and the pool each acquire.
var (
	_ pgx.QueryTracer       = (*breaker)(nil)
	_ pgx.CopyFromTracer    = (*breaker)(nil)
	_ pgx.ConnectTracer     = (*breaker)(nil)
	_ pgxpool.AcquireTracer = (*breaker)(nil)
)

// closingsKey is the key of a call's context for the value that closings had when
// the call began.
type closingsKey struct{}

func (b *breaker) begin(ctx context.Context) context.Context {
	return context.WithValue(ctx, closingsKey{}, b.closings.Load())
}

// end trips the breaker if err means that the server is down. broken says whether
// an error that isn't the server's own reply means so. The failure of a call that
// began before the breaker last closed is ignored.
func (b *breaker) end(ctx context.Context, err error, broken bool) {
	if err == nil || errors.Is(err, context.Canceled) || ctx.Value(closingsKey{}) != b.closings.Load() {
		return
	}
	var pg *pgconn.PgError
	switch {
	case isCrowded(err):
		broken = b.pool != nil && b.pool.Stat().TotalConns() == 0 // other connections can be shared
	case errors.As(err, new(*pgconn.ConnectError)): // for any reason
	case errors.As(err, &pg):
		broken = isServerDown(pg.Code) || isRefusal(pg.Code)
	}
	if broken {
		b.trip()
	}
}

// TraceQueryStart implements pgx.QueryTracer.
func (b *breaker) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return b.begin(ctx)
}

// TraceQueryEnd implements pgx.QueryTracer. pgx closes a connection that broke,
// and one whose reply timed out.
func (b *breaker) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	b.end(ctx, data.Err, conn.IsClosed())
}

// TraceCopyFromStart implements pgx.CopyFromTracer.
func (b *breaker) TraceCopyFromStart(
	ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData,
) context.Context {
	return b.begin(ctx)
}

// TraceCopyFromEnd implements pgx.CopyFromTracer.
func (b *breaker) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	b.end(ctx, data.Err, conn.IsClosed())
}

// TraceConnectStart implements pgx.ConnectTracer.
func (b *breaker) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return b.begin(ctx)
}

// TraceConnectEnd implements pgx.ConnectTracer.
func (b *breaker) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	b.end(ctx, data.Err, true)
}

// TraceAcquireStart implements pgxpool.AcquireTracer.
func (b *breaker) TraceAcquireStart(
	ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData,
) context.Context {
	return b.begin(startAcquire(ctx))
}

// TraceAcquireEnd implements pgxpool.AcquireTracer. An acquire that fails while
// the pool could still open a connection means that the server is down; with all
// connections in use it doesn't.
func (b *breaker) TraceAcquireEnd(ctx context.Context, pool *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	endAcquire(ctx)
	if data.Err != nil {
		stat := pool.Stat()
		b.end(ctx, data.Err, stat.AcquiredConns() < stat.MaxConns())
	}
}
