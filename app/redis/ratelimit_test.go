package redis

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
	"parley/app/limit/limittest"
	"parley/test/wait"
)

func newLedger(t *testing.T, url, name string) *RateLimitStore {
	t.Helper()
	client, err := NewClient(url)
	if err != nil {
		t.Fatal(err)
	}
	bus := NewBus(client, nil, slog.New(slog.DiscardHandler), nil)
	t.Cleanup(func() { bus.Close(); client.Close() })
	return NewRateLimitStore(bus, name)
}

func TestLedgerConformance(t *testing.T) {
	name := "budget-" + uuid.NewString()
	limittest.TestStore(t, func(t *testing.T) limit.Store { return newLedger(t, redisURL(t), name) })
}

// TestThreeReplicasKeepOneBudget: hammered from three replicas at once, a person gets the burst, the rate, and at most what the three held; and
// nearly all of it.
func TestThreeReplicasKeepOneBudget(t *testing.T) {
	rate := limit.Rate{Burst: 80, PerSecond: 200}
	const lease = 10
	name := "budget-" + uuid.NewString()
	ada := uuid.New()
	var admitted atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for range 3 {
		buckets := limit.NewSharedTokenBuckets[uuid.UUID](rate, time.Now, newLedger(t, redisURL(t), name), "test")
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
	most := float64(rate.Burst) + rate.PerSecond*time.Since(begin).Seconds() + 3*lease
	if got := float64(admitted.Load()); got > most {
		t.Errorf("admitted %v, at most %v", got, most)
	}
}

// TestBudgetsOutliveRedis: while it hangs each replica keeps its own, and nobody waits longer than for the first call that fails.
func TestBudgetsOutliveRedis(t *testing.T) {
	server := redisOfOurOwn(t)
	ledger := newLedger(t, server.URL, "budget")
	buckets := limit.NewSharedTokenBuckets[string](limit.Rate{Burst: 16, PerSecond: 0.001}, time.Now, ledger, "test")
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
	if admitted != 16 || !ledger.bus.Down() {
		t.Errorf("admitted %d of 16, noticed: %v", admitted, ledger.bus.Down())
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "Redis answers", func() bool { return !ledger.bus.Down() })
	if err := buckets.Take(t.Context(), "bob"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
