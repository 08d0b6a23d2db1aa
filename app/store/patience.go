package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// poolWait is how long a call waits for a connection of the pool. Past it what asks is refused (503) rather than piled up.
const poolWait = time.Second

// patience bounds the wait for a connection and nothing else: the pool uses the context that it gets here for that alone. (pgx hands one tracer
// to both the pool and its connections, so it has to be a tracer of queries too.)
type patience struct{}

var _ pgxpool.AcquireTracer = patience{}

type poolWaitKey struct{}

func (patience) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	ctx, cancel := context.WithTimeout(ctx, poolWait)
	return context.WithValue(ctx, poolWaitKey{}, cancel)
}

func (patience) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireEndData) {
	if cancel, ok := ctx.Value(poolWaitKey{}).(context.CancelFunc); ok {
		cancel()
	}
}

func (patience) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (patience) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
