// Package limittest has limit.Store in memory, and the conformance suite that
// every limit.Store passes.
package limittest

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parley/app/limit"
)

// Store is limit.Store in memory.
type Store struct {
	now func() time.Time

	mu      sync.Mutex // guards the fields below
	down    bool
	calls   int
	buckets map[string]*rate.Limiter
}

var _ limit.Store = (*Store)(nil)

// NewStore returns an empty store; now is its clock.
func NewStore(now func() time.Time) *Store {
	return &Store{now: now, buckets: map[string]*rate.Limiter{}}
}

// Lease implements limit.Store.
func (s *Store) Lease(_ context.Context, bucket string, r limit.Rate, want int) (int, time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.down {
		return 0, 0, errors.New("the store in memory is down")
	}

	b := s.buckets[bucket]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
		s.buckets[bucket] = b
	}

	now := s.now()
	level := b.TokensAt(now)
	got := min(want, int(level))
	if got == 0 {
		return 0, max(time.Millisecond, time.Duration((1-level)/r.PerSecond*float64(time.Second))), nil
	}

	b.AllowN(now, got)
	return got, 0, nil
}

// SetDown makes the store unavailable, or available again.
func (s *Store) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Calls returns how often Lease was called.
func (s *Store) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}
