package admin

import (
	"context"
	"sync"
	"time"

	views "parley/views/admin"
)

// readTimeout bounds one reading, and so how long a page waits for a dependency
// that doesn't answer.
const readTimeout = 1500 * time.Millisecond

// cachedReading holds the last result of read for maxAge. Callers that need a newer
// one share a single call. It reads only when called. Safe for concurrent use.
type cachedReading[T any] struct {
	read   func(context.Context) (T, error)
	maxAge time.Duration

	mu      sync.Mutex // guards the fields below
	last    views.Reading[T]
	readAt  time.Time // when last was read; zero: never, or invalidated
	pending *pendingRead
}

// pendingRead is a call of read that has not returned.
type pendingRead struct {
	done     chan struct{}
	deadline time.Time
	stale    bool // the cache was invalidated after the call began: don't keep its result
}

func newCachedReading[T any](maxAge time.Duration, read func(context.Context) (T, error)) *cachedReading[T] {
	return &cachedReading[T]{read: read, maxAge: maxAge}
}

// get returns the cached reading, or reads first if it is too old. It returns
// ErrNoAnswer when ctx ends, or readTimeout after the reading began, even if read
// ignores its context.
func (c *cachedReading[T]) get(ctx context.Context) views.Reading[T] {
	c.mu.Lock()
	if c.pending == nil && !c.readAt.IsZero() && time.Since(c.readAt) < c.maxAge {
		defer c.mu.Unlock()
		return c.last
	}
	if c.pending == nil {
		c.start()
	}

	pending := c.pending
	c.mu.Unlock()

	timeout := time.NewTimer(time.Until(pending.deadline))
	defer timeout.Stop()

	select {
	case <-pending.done:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.last
	case <-timeout.C:
	case <-ctx.Done():
	}

	return views.Reading[T]{Err: views.ErrNoAnswer}
}

// start calls read in a goroutine. The caller holds the lock. The call does not use
// the context of the request that caused it, because other requests share its
// result.
func (c *cachedReading[T]) start() {
	pending := &pendingRead{done: make(chan struct{}), deadline: time.Now().Add(readTimeout)}
	c.pending = pending
	go func() {
		ctx, cancel := context.WithDeadline(context.Background(), pending.deadline)
		defer cancel()
		value, err := c.read(ctx)

		c.mu.Lock()
		defer c.mu.Unlock()
		c.last, c.readAt, c.pending = views.Reading[T]{Value: value, Err: err}, time.Now(), nil
		if pending.stale {
			c.readAt = time.Time{}
		}
		close(pending.done)
	}()
}

// invalidate makes the next get read again.
func (c *cachedReading[T]) invalidate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readAt = time.Time{}
	if c.pending != nil {
		c.pending.stale = true
	}
}
