package postgres

import (
	"context"
	"time"
)

// acquireTimeout bounds the wait for a connection of the pool. A call that waits
// longer fails (503) instead of queueing behind the others.
const acquireTimeout = 1500 * time.Millisecond

type acquireKey struct{}

// startAcquire bounds the wait for a connection and nothing else, because the
// pool uses the context that its tracer returns only for the acquire.
func startAcquire(ctx context.Context) context.Context {
	ctx, cancel := context.WithTimeout(ctx, acquireTimeout)
	return context.WithValue(ctx, acquireKey{}, cancel)
}

// endAcquire releases the timer of startAcquire.
func endAcquire(ctx context.Context) {
	if cancel, ok := ctx.Value(acquireKey{}).(context.CancelFunc); ok {
		cancel()
	}
}
