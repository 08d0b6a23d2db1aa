package redis

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
	"parley/app/limit/limittest"
	"parley/test/wait"
)

func newRateLimitStore(t *testing.T, url, keyPrefix string) *RateLimitStore {
	t.Helper()
	bus, _ := startBus(t, url, BusOptions{})
	return NewRateLimitStore(bus, keyPrefix)
}

func TestRateLimitStoreConformance(t *testing.T) {
	prefix := "budget-" + uuid.NewString()
	limittest.TestStore(t, func(t *testing.T) limit.Store { return newRateLimitStore(t, redisURL(t), prefix) })
}

// TestReplicasShareABucket sends from three replicas at once. They admit at most the
// burst, the rate, and the tokens that each replica has leased.
func TestReplicasShareABucket(t *testing.T) {
	rate := limit.Rate{Burst: 80, PerSecond: 200}
	const lease = 10
	prefix := "budget-" + uuid.NewString()
	ada := uuid.New()
	var admitted atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for range 3 {
		store := newRateLimitStore(t, redisURL(t), prefix)
		buckets := limit.NewSharedTokenBuckets[uuid.UUID](rate, time.Now, store, "test")
		for range 4 {
			wg.Go(func() {
				for admitted.Load() < 400 {
					if buckets.Take(t.Context(), ada) == nil {
						admitted.Add(1)
					} else {
						<-time.After(time.Millisecond)
					}
				}
			})
		}
	}

	wg.Wait()

	limit := float64(rate.Burst) + rate.PerSecond*time.Since(begin).Seconds() + 3*lease
	if got := float64(admitted.Load()); got > limit {
		t.Errorf("admitted %v, want at most %v", got, limit)
	}
}

// TestRateLimitDuringAnOutage expects a replica to apply its own limit while Redis hangs.
// Only the first call waits for a timeout.
func TestRateLimitDuringAnOutage(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	store := newRateLimitStore(t, server.URL, "budget")
	buckets := limit.NewSharedTokenBuckets[string](limit.Rate{Burst: 16, PerSecond: 0.001}, time.Now, store, "test")
	if err := buckets.Take(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}

	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}

	admitted := 1
	for range 50 {
		if buckets.Take(t.Context(), "ada") == nil {
			admitted++
		}
	}

	if admitted != 16 || !store.bus.Down() {
		t.Errorf("admitted %d, want 16; breaker open: %v, want true", admitted, store.bus.Down())
	}

	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "the breaker is closed", func() bool { return !store.bus.Down() })
	if err := buckets.Take(t.Context(), "bob"); err != nil {
		t.Errorf("after the outage: %v", err)
	}
}
