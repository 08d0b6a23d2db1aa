package postgres

import (
	"context"
	"time"
)

// poolWait is how long a call waits for a connection of the pool. Past it what asks is refused (503) rather than piled up.
const poolWait = 1500 * time.Millisecond

type poolWaitKey struct{}

// wait bounds the wait for a connection and nothing else: the pool uses the context that its tracer answers for that alone.
func wait(ctx context.Context) context.Context {
	ctx, cancel := context.WithTimeout(ctx, poolWait)
	return context.WithValue(ctx, poolWaitKey{}, cancel)
}

// waited ends what wait began.
func waited(ctx context.Context) {
	if cancel, ok := ctx.Value(poolWaitKey{}).(context.CancelFunc); ok {
		cancel()
	}
}
