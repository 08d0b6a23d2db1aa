package limit_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/app/limit"
	"parley/app/limit/limittest"
)

// stopped is a clock that stands still.
func stopped() time.Time { return time.Unix(1000, 0) }

func TestMemoryStoreConformance(t *testing.T) {
	store := limittest.NewStore(time.Now)
	limittest.TestStore(t, func(*testing.T) limit.Store { return store })
}

// retryAfter is the wait of an Exceeded error, or 0 for any other.
func retryAfter(err error) time.Duration {
	var e *limit.Exceeded
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

func TestTokenBuckets(t *testing.T) {
	now := stopped()
	clock := func() time.Time { return now }
	b := limit.NewTokenBuckets[string](limit.Rate{Burst: 2, PerSecond: 0.5}, clock)
	for i, want := range []bool{true, true, false} {
		if err := b.Take(t.Context(), "ada"); (err == nil) != want {
			t.Fatalf("take %d: %v", i, err)
		}
	}

	if err := b.Take(t.Context(), "ada"); retryAfter(err) != 2*time.Second {
		t.Errorf("error %v, want a retry after 2 s", err)
	}

	if err := b.Take(t.Context(), "bob"); err != nil {
		t.Errorf("another key: %v", err)
	}

	now = now.Add(2 * time.Second)
	if err := b.Take(t.Context(), "ada"); err != nil {
		t.Errorf("after the announced wait: %v", err)
	}

	unlimited := limit.NewSharedTokenBuckets[string](limit.Rate{}, clock, limittest.NewStore(nil), "none")
	for range 1000 {
		if unlimited.Take(t.Context(), "ada") != nil {
			t.Fatal("the zero rate limits")
		}
	}
}

func TestTakeNTakesAllOrNothing(t *testing.T) {
	b := limit.NewTokenBuckets[string](limit.Rate{Burst: 10, PerSecond: 2}, stopped)
	if err := b.TakeN(t.Context(), "ada", 8); err != nil {
		t.Fatal(err)
	}
	if err := b.TakeN(t.Context(), "ada", 5); retryAfter(err) != 1500*time.Millisecond {
		t.Errorf("error %v, want a retry after 1.5 s", err)
	}
	if err := b.TakeN(t.Context(), "ada", 2); err != nil {
		t.Errorf("the tokens of a failed call are lost: %v", err)
	}
}

// replicas share buckets of 40 tokens that refill by 10 a second.
func replicas(n int, store limit.Store, now func() time.Time) (all []*limit.TokenBuckets[string]) {
	for range n {
		rate := limit.Rate{Burst: 40, PerSecond: 10}
		all = append(all, limit.NewSharedTokenBuckets[string](rate, now, store, "test"))
	}
	return all
}

// admitted counts how many of n attempts, on the replicas in turn, succeed.
func admitted(t *testing.T, n int, all ...*limit.TokenBuckets[string]) (count int) {
	for i := range n {
		if all[i%len(all)].Take(t.Context(), "ada") == nil {
			count++
		}
	}
	return count
}

func TestReplicasShareOneBucket(t *testing.T) {
	var clock atomic.Int64
	now := func() time.Time { return time.Unix(1000, clock.Load()) }
	all := replicas(3, limittest.NewStore(now), now)
	if got := admitted(t, 300, all...); got < 40-2*5 || got > 40 {
		t.Errorf("three replicas admit %d at once, want 30 to 40", got)
	}

	sum := 0
	for range 100 { // ten seconds
		clock.Add(int64(100 * time.Millisecond))
		sum += admitted(t, 30, all...)
	}

	if sum < 100-3*5 || sum > 100+3*5 {
		t.Errorf("three replicas admit %d in 10 s, want 85 to 115", sum)
	}
}

func TestLeasesSaveCallsToTheStore(t *testing.T) {
	store := limittest.NewStore(stopped)
	one := replicas(1, store, stopped)[0]
	if got := admitted(t, 40, one); got != 40 {
		t.Fatalf("admitted %d of 40", got)
	}

	// Other replicas take all of Bob's tokens.
	taken, _, _ := store.Lease(t.Context(), "test:bob", limit.Rate{Burst: 40, PerSecond: 10}, 40)
	if err := one.Take(t.Context(), "bob"); taken != 40 || retryAfter(err) <= 0 {
		t.Errorf("%d tokens were taken; the next take returns %v", taken, err)
	}

	before := store.Calls()
	for range 1000 {
		if one.Take(t.Context(), "bob") == nil {
			t.Fatal("an empty bucket admits")
		}
	}

	// One further call may be the background renewal of Ada's lease.
	if got := store.Calls() - before; got > 1 || before > 40/2+4 {
		t.Errorf("%d calls to the store for 40 tokens, then %d for an empty bucket", before, got)
	}
}

func TestEachReplicaLimitsAloneWithoutTheStore(t *testing.T) {
	store := limittest.NewStore(stopped)
	one := replicas(1, store, stopped)[0]
	if got := admitted(t, 10, one); got != 10 {
		t.Fatalf("admitted %d of 10", got)
	}

	store.SetDown(true)
	if got := admitted(t, 100, one); got != 30 {
		t.Errorf("store down: admitted %d, want the remaining 30", got)
	}

	store.SetDown(false)
	if got := admitted(t, 100, one); got != 0 {
		t.Errorf("store up again: admitted %d more, want 0", got)
	}
}

func TestConcurrentTakesShareALease(t *testing.T) {
	all := replicas(2, limittest.NewStore(stopped), stopped)
	var wg sync.WaitGroup
	var count atomic.Int64
	for i := range 400 {
		wg.Go(func() {
			if all[i%2].Take(t.Context(), "ada") == nil {
				count.Add(1)
			}
		})
	}

	wg.Wait()
	if got := count.Load(); got < 40-5 || got > 40 {
		t.Errorf("admitted %d, want 35 to 40", got)
	}
}
