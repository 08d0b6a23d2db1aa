package chattest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestLedger is what every chat.Ledger must do; replica gives another replica's door to the same one.
func TestLedger(t *testing.T, replica func(t *testing.T) chat.Ledger) {
	slow := chat.Limit{Burst: 10, PerSecond: 0.001} // refills in no test
	lease := func(t *testing.T, l chat.Ledger, bucket string, limit chat.Limit, want int) (int, time.Duration) {
		t.Helper()
		got, wait, err := l.Lease(ctx, bucket, limit, want)
		if err != nil || got < 0 || got > want || (got == 0) != (wait > 0) {
			t.Fatalf("leased %d of %d, wait %v, %v", got, want, wait, err)
		}
		return got, wait
	}
	t.Run("a burst, and no more", func(t *testing.T) {
		one, two, bucket := replica(t), replica(t), uuid.NewString()
		for i, want := range []int{4, 4, 2, 0} {
			got, wait := lease(t, []chat.Ledger{one, two}[i%2], bucket, slow, 4)
			if got != want {
				t.Errorf("lease %d: %d, want %d", i, got, want)
			}
			if want == 0 && (wait < 500*time.Second || wait > 1000*time.Second) {
				t.Errorf("the next one in %v", wait)
			}
		}
		if got, _ := lease(t, one, bucket+"x", slow, 4); got != 4 {
			t.Errorf("one bucket's tokens are another's: %d", got)
		}
	})
	t.Run("at once", func(t *testing.T) {
		bucket := uuid.NewString()
		var wg sync.WaitGroup
		var mu sync.Mutex
		sum := 0
		for range 3 {
			l := replica(t)
			for range 10 {
				wg.Go(func() {
					got, _, err := l.Lease(ctx, bucket, slow, 1)
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
			t.Errorf("leased %d of 10", sum)
		}
	})
	t.Run("it fills again", func(t *testing.T) {
		l, bucket := replica(t), uuid.NewString()
		quick := chat.Limit{Burst: 5, PerSecond: 1000}
		sum := 0
		for sum < 50 {
			got, _ := lease(t, l, bucket, quick, 5)
			sum += got
		}
	})
}
