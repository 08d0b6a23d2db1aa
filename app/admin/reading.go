package admin

import (
	"context"
	"sync"
	"time"

	pages "parley/views/admin"
)

// answersTimeout is how long a part has to answer, and so how long a page waits for those that are silent.
const answersTimeout = 1500 * time.Millisecond

// box is one part's figures: read when somebody looks and what is there has gone stale, once for all who look. Safe for concurrent use.
type box[T any] struct {
	read  func(context.Context) (T, error)
	fresh time.Duration // how long a reading stands

	mu     sync.Mutex // guards the fields below
	last   pages.Reading[T]
	at     time.Time // of last
	flight *flight
}

// flight is a reading under way.
type flight struct {
	ended chan struct{}
	until time.Time
	stale bool // what it reads may be from before a change: nobody keeps it
}

func newBox[T any](fresh time.Duration, read func(context.Context) (T, error)) *box[T] {
	return &box[T]{read: read, fresh: fresh}
}

// get answers what is known, reading it first if need be. It waits no longer than answersTimeout after that reading began, even for a part that doesn't heed its context.
func (b *box[T]) get(ctx context.Context) pages.Reading[T] {
	b.mu.Lock()
	if b.flight == nil && !b.at.IsZero() && time.Since(b.at) < b.fresh {
		defer b.mu.Unlock()
		return b.last
	}
	if b.flight == nil {
		b.begin()
	}
	f := b.flight
	b.mu.Unlock()
	left := time.NewTimer(time.Until(f.until))
	defer left.Stop()
	select {
	case <-f.ended:
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.last
	case <-left.C:
	case <-ctx.Done():
	}
	return pages.Reading[T]{Err: pages.ErrNoAnswer}
}

// begin is called with the lock held. The reading belongs to all who look, so that nobody's leaving ends it.
func (b *box[T]) begin() {
	f := &flight{ended: make(chan struct{}), until: time.Now().Add(answersTimeout)}
	b.flight = f
	go func() {
		ctx, cancel := context.WithDeadline(context.Background(), f.until)
		defer cancel()
		value, err := b.read(ctx)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.last, b.at, b.flight = pages.Reading[T]{Value: value, Err: err}, time.Now(), nil
		if f.stale {
			b.at = time.Time{}
		}
		close(f.ended)
	}()
}

// forget has the next look read again.
func (b *box[T]) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = time.Time{}
	if b.flight != nil {
		b.flight.stale = true
	}
}
