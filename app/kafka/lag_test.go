package kafka

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/test/wait"
)

// TestWatchLag with and without committed offsets of the group.
func TestWatchLag(t *testing.T) {
	o := newLog(t)
	p, s := newProducer(t, o), &memoryStore{}
	conversation := uuid.New()
	append3 := func() {
		for range 3 {
			mustAppend(t, p, message(conversation, "words"))
		}
	}
	append3()

	ctx, stop := context.WithCancel(ctx)
	var mu sync.Mutex
	var latest map[int32]int64
	ended := make(chan error, 1)
	go func() {
		ended <- WatchLag(ctx, o, 200*time.Millisecond, func(lags map[int32]int64) {
			mu.Lock()
			defer mu.Unlock()
			latest = lags
		})
	}()
	lagIs := func(n int64) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			var sum int64
			for _, lag := range latest {
				sum += lag
			}
			return len(latest) == 3 && sum == n
		}
	}

	wait.Until(t, "the lag is 3 before the group's first commit", lagIs(3))
	stopWriter := runWriter(t, o, s, p)
	wait.Until(t, "the lag is 0", lagIs(0))
	stopWriter()
	append3()
	wait.Until(t, "the lag is 3 without a consumer", lagIs(3))
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
