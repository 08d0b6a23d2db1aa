// Package limit bounds rates and concurrency: token buckets, which replicas can share,
// semaphores, and limits on calls in flight. It does not depend on other packages of
// Parley.
package limit

import (
	"context"
	"fmt"
	"time"
)

// Rate is the size of a token bucket, Burst tokens, and its refill, PerSecond tokens.
// The zero Rate is unlimited.
type Rate struct {
	Burst     int
	PerSecond float64
}

// Store holds the token buckets that all replicas share (Redis).
type Store interface {
	// Lease removes up to want tokens from a bucket and returns their number. If the
	// bucket is empty, it returns 0 and the time until the next token. An error means
	// that the store is unavailable. A call ends within its deadline, 300 ms.
	Lease(ctx context.Context, bucket string, rate Rate, want int) (got int, wait time.Duration, err error)
}

// Exceeded is the error of an exceeded rate limit. The same call can succeed after
// RetryAfter.
type Exceeded struct {
	RetryAfter time.Duration
}

// Error returns the text for logs.
// Error implements error.
func (e *Exceeded) Error() string {
	return fmt.Sprintf("rate limit exceeded: retry after %v", e.RetryAfter)
}
