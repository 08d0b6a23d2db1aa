package limit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/app/limit"
)

func TestSharesBoundEachKeyAndTheTotal(t *testing.T) {
	s := limit.NewShares[string](2, 3)
	for i, step := range []struct {
		key  string
		n    int
		want bool
	}{
		{"ada", 2, true},
		{"ada", 1, false}, // Ada's bound
		{"bob", 2, false}, // the total
		{"bob", 1, true},
		{"eve", 1, false},
	} {
		if got := s.TryAcquire(step.key, step.n); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}

	s.Release("ada", 2)
	if !s.TryAcquire("eve", 2) {
		t.Error("the released units cannot be acquired")
	}

	// One release may end several acquisitions.
	s.Release("eve", 2)
	for range 2 {
		if !s.TryAcquire("ada", 1) {
			t.Error("the released units cannot be acquired again")
		}
	}
	s.Release("ada", 2)
	if !s.TryAcquire("ada", 2) {
		t.Error("the units of two acquisitions cannot be acquired again")
	}

	unbounded := limit.NewShares[string](0, 0)
	for range 100 {
		if !unbounded.TryAcquire("ada", 1000) {
			t.Fatal("0 is a bound")
		}
	}
	unbounded.Release("ada", 1000)
}

func TestSharesWaitersDoNotKeepOthersOut(t *testing.T) {
	s := limit.NewShares[string](1, 0)
	if !s.TryAcquire("ada", 1) {
		t.Fatal("nothing is in use")
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Acquire(ended, "ada", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after the end of the context", err)
	}

	waiting := make(chan error)
	go func() { waiting <- s.Acquire(t.Context(), "ada", 1) }()
	if err := s.Acquire(t.Context(), "bob", 1); err != nil {
		t.Error(err)
	}

	s.Release("ada", 1)
	if err := <-waiting; err != nil {
		t.Error(err)
	}
}

func TestSharesAreNeverExceeded(t *testing.T) {
	s := limit.NewShares[int](2, 3)
	var used [4]atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			key := i % len(used)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := s.Acquire(ctx, key, 1); err != nil {
				t.Error(err)
				return
			}
			if used[key].Add(1) > 2 {
				t.Error("more than two units of one key")
			}
			used[key].Add(-1)
			s.Release(key, 1)
		})
	}
	wg.Wait()
}
