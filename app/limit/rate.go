// Package limit bounds how fast and how many at once: token buckets, which
// replicas can share, semaphores, and limits on what is in flight. It knows
// nothing of Parley.
package limit

import (
	"context"
	"fmt"
	"time"
)

// Rate is the size and the refill of a token bucket: Burst tokens at once, then
// PerSecond. The zero Rate is no limit.
type Rate struct {
	Burst     int
	PerSecond float64
}

// Store holds the token buckets that all replicas share (Redis).
type Store interface {
	// Lease removes up to want tokens from a bucket and returns how many it got. Of
	// an empty bucket it gets none and returns the time until the next token. An
	// error means that the store is unavailable. No call takes longer than its
	// deadline (300 ms).
	Lease(ctx context.Context, bucket string, rate Rate, want int) (got int, wait time.Duration, err error)
}

// Exceeded is the error of a rate limit: the same call can succeed after
// RetryAfter.
type Exceeded struct {
	RetryAfter time.Duration
}

// Error returns the text for logs.
func (e *Exceeded) Error() string {
	return fmt.Sprintf("rate limit exceeded: retry after %v", e.RetryAfter)
}
