package postgres

import (
	"context"
	"sync"
)

// coalescer lets callers that arrive while a fetch is running share the next one,
// so that no caller gets a value whose fetch began before its call. Only fetch
// must be set. Safe for concurrent use.
type coalescer[T any] struct {
	fetch func() (T, error)

	mu      sync.Mutex // guards the fields below
	running bool
	next    *fetched[T] // the next fetch; nil: no caller waits for one
}

type fetched[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// get returns the value of a fetch that begins after the call.
func (c *coalescer[T]) get(ctx context.Context) (value T, err error) {
	c.mu.Lock()
	if c.next == nil {
		c.next = &fetched[T]{done: make(chan struct{})}
	}
	own := c.next
	if !c.running {
		c.running = true
		go c.run()
	}
	c.mu.Unlock()

	select {
	case <-own.done:
		return own.value, own.err
	case <-ctx.Done():
		return value, ctx.Err()
	}
}

// run fetches until no caller waits.
func (c *coalescer[T]) run() {
	for {
		c.mu.Lock()
		f := c.next
		c.next = nil
		if f == nil {
			c.running = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()

		f.value, f.err = c.fetch()
		close(f.done)
	}
}
