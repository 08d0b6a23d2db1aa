package postgres

import (
	"context"
	"sync"
)

// shared lets all who ask for something while it is being fetched share the next fetch: nobody gets an answer that was on its way before they asked. Ready
// with fetch; safe for concurrent use.
type coalescer[T any] struct {
	fetch   func() (T, error)
	mu      sync.Mutex // guards the fields below
	running bool
	next    *fetched[T] // nil: nobody waits for it
}

type fetched[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func (s *coalescer[T]) get(ctx context.Context) (value T, err error) {
	s.mu.Lock()
	if s.next == nil {
		s.next = &fetched[T]{done: make(chan struct{})}
	}
	own := s.next
	if !s.running {
		s.running = true
		go s.run()
	}
	s.mu.Unlock()
	select {
	case <-own.done:
		return own.value, own.err
	case <-ctx.Done():
		return value, ctx.Err()
	}
}

func (s *coalescer[T]) run() {
	for {
		s.mu.Lock()
		f := s.next
		s.next = nil
		if f == nil {
			s.running = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		f.value, f.err = s.fetch()
		close(f.done)
	}
}
