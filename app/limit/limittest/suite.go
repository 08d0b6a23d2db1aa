package limittest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
)

// slow refills too slowly for any test to see a new token.
var slow = limit.Rate{Burst: 10, PerSecond: 0.001}

// TestStore is the conformance suite of limit.Store. Each call of replica returns
// the view that another replica has of the same store.
func TestStore(t *testing.T, replica func(t *testing.T) limit.Store) {
	t.Run("a burst and no more", func(t *testing.T) { testBurst(t, replica(t), replica(t)) })
	t.Run("concurrent leases", func(t *testing.T) { testConcurrentLeases(t, replica) })
	t.Run("refill", func(t *testing.T) {
		store, bucket := replica(t), uuid.NewString()
		for sum := 0; sum < 50; {
			got, _ := lease(t, store, bucket, limit.Rate{Burst: 5, PerSecond: 1000}, 5)
			sum += got
		}
	})
}

func testBurst(t *testing.T, one, two limit.Store) {
	bucket := uuid.NewString()
	for i, want := range []int{4, 4, 2, 0} {
		got, wait := lease(t, []limit.Store{one, two}[i%2], bucket, slow, 4)
		if got != want {
			t.Errorf("lease %d: got %d tokens, want %d", i, got, want)
		}
		if want == 0 && (wait < 500*time.Second || wait > 1000*time.Second) {
			t.Errorf("next token in %v, want 500 s to 1000 s", wait)
		}
	}

	if got, _ := lease(t, one, bucket+"x", slow, 4); got != 4 {
		t.Errorf("got %d tokens of another bucket, want 4", got)
	}
}

func testConcurrentLeases(t *testing.T, replica func(t *testing.T) limit.Store) {
	bucket := uuid.NewString()
	var wg sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for range 3 {
		store := replica(t)
		for range 10 {
			wg.Go(func() {
				got, _, err := store.Lease(t.Context(), bucket, slow, 1)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				sum += got
				mu.Unlock()
			})
		}
	}

	wg.Wait()

	if sum != 10 {
		t.Errorf("leased %d tokens, want 10", sum)
	}
}

func lease(t *testing.T, s limit.Store, bucket string, r limit.Rate, want int) (got int, wait time.Duration) {
	t.Helper()
	got, wait, err := s.Lease(t.Context(), bucket, r, want)
	if err != nil || got < 0 || got > want || (got == 0) != (wait > 0) {
		t.Fatalf("leased %d of %d tokens, wait %v, error %v", got, want, wait, err)
	}
	return got, wait
}
