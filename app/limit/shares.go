package limit

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// Shares bounds the units that are in use at once, by each key and in total. A unit
// may be a call, a connection or a byte. Keys without units in use take no memory. Safe
// for concurrent use.
type Shares[K comparable] struct {
	perKey int64               // 0: unbounded
	total  *semaphore.Weighted // nil: unbounded

	mu   sync.Mutex
	keys map[K]*share // of keys with units in use, or with waiting calls
}

// share is the units of one key.
type share struct {
	units *semaphore.Weighted
	users int // units in use, and units that calls wait for
}

// NewShares returns shares of at most perKey units for each key, and total units for all
// of them together. 0 means unbounded.
func NewShares[K comparable](perKey, total int) *Shares[K] {
	s := &Shares[K]{perKey: int64(perKey), keys: map[K]*share{}}
	if total > 0 {
		s.total = semaphore.NewWeighted(int64(total))
	}
	return s
}

// TryAcquire acquires n units for a key, or none, and reports whether it did.
func (s *Shares[K]) TryAcquire(key K, n int) bool {
	if s.total != nil && !s.total.TryAcquire(int64(n)) {
		return false
	}

	if s.perKey > 0 && !s.join(key, n).TryAcquire(int64(n)) {
		s.leave(key, n)
		s.releaseTotal(n)
		return false
	}

	return true
}

// Acquire acquires n units for a key. It waits for them, in the order of the calls, until
// ctx ends, whose error it returns then.
func (s *Shares[K]) Acquire(ctx context.Context, key K, n int) error {
	if s.perKey > 0 {
		if err := s.join(key, n).Acquire(ctx, int64(n)); err != nil {
			s.leave(key, n)
			return err
		}
	}

	if s.total != nil {
		if err := s.total.Acquire(ctx, int64(n)); err != nil {
			s.releaseKey(key, n)
			return err
		}
	}

	return nil
}

// Release returns n units that were acquired, by one call or by several.
func (s *Shares[K]) Release(key K, n int) {
	if n == 0 {
		return
	}
	s.releaseKey(key, n)
	s.releaseTotal(n)
}

func (s *Shares[K]) releaseTotal(n int) {
	if s.total != nil {
		s.total.Release(int64(n))
	}
}

func (s *Shares[K]) releaseKey(key K, n int) {
	if s.perKey == 0 {
		return
	}
	s.mu.Lock()
	units := s.keys[key].units
	s.mu.Unlock()
	units.Release(int64(n))
	s.leave(key, n)
}

// join returns the semaphore of a key for n units. It stays the key's until leave.
func (s *Shares[K]) join(key K, n int) *semaphore.Weighted {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keys[key]
	if !ok {
		k = &share{units: semaphore.NewWeighted(s.perKey)}
		s.keys[key] = k
	}
	k.users += n
	return k.units
}

func (s *Shares[K]) leave(key K, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[key]
	if k.users -= n; k.users == 0 {
		delete(s.keys, key)
	}
}
