package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The breaker's ears: pgx tells a connection's tracer of every connect, statement and COPY, and the pool of every acquire.
var (
	_ pgx.QueryTracer       = (*breaker)(nil)
	_ pgx.CopyFromTracer    = (*breaker)(nil)
	_ pgx.ConnectTracer     = (*breaker)(nil)
	_ pgxpool.AcquireTracer = (*breaker)(nil)
)

// begunIn is the key under which a call's context holds how often the breaker had closed when it began.
type begunIn struct{}

func (b *breaker) begin(ctx context.Context) context.Context {
	return context.WithValue(ctx, begunIn{}, b.closings.Load())
}

// end opens the breaker for a failure that speaks of the server. One that comes late, of a call from before the last closing, says nothing new.
func (b *breaker) end(ctx context.Context, err error, broken bool) {
	if err == nil || errors.Is(err, context.Canceled) || ctx.Value(begunIn{}) != b.closings.Load() {
		return
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		broken = gone(pg.Code)
	}
	if broken {
		b.trip()
	}
}

func (b *breaker) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return b.begin(ctx)
}

// TraceQueryEnd: pgx closes a connection that broke, and one whose answer didn't come in time.
func (b *breaker) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	b.end(ctx, data.Err, conn.IsClosed())
}

func (b *breaker) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return b.begin(ctx)
}

func (b *breaker) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	b.end(ctx, data.Err, conn.IsClosed())
}

func (b *breaker) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return b.begin(ctx)
}

func (b *breaker) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	b.end(ctx, data.Err, true)
}

func (b *breaker) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return b.begin(wait(ctx))
}

// TraceAcquireEnd hears of connections that couldn't be made in time. A pool whose connections are all at work is no fault of the server's.
func (b *breaker) TraceAcquireEnd(ctx context.Context, pool *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	waited(ctx)
	if data.Err != nil {
		stat := pool.Stat()
		b.end(ctx, data.Err, stat.AcquiredConns() < stat.MaxConns())
	}
}
