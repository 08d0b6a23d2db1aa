package redis

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestBatches makes 200 calls during one round trip. They share the next ones in order,
// each is executed once, and each returns its own error.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		var order []string
		running := 0
		b := batcher{}
		b.exec = func(ctx context.Context, calls []*batchedCall) {
			if running++; running > 1 {
				t.Error("two round trips at once")
			}
			time.Sleep(time.Second) // of synctest's clock, until all other calls are queued
			sizes = append(sizes, len(calls))
			for _, c := range calls {
				c.fill(ctx, nil)
				c.err = errors.New(order[len(order)-1])
			}
			running--
		}

		var wg sync.WaitGroup
		for i := range 200 {
			name := fmt.Sprintf("%03d", i)
			wg.Go(func() {
				err := b.run(t.Context(), func(context.Context, redis.Pipeliner) { order = append(order, name) })
				if err == nil || err.Error() != name {
					t.Errorf("call %s returned %v", name, err)
				}
			})
			synctest.Wait() // queued before the next call
		}
		wg.Wait()

		if got, want := fmt.Sprint(sizes), "[1 64 64 64 7]"; got != want {
			t.Errorf("batches of %s calls, want %s", got, want)
		}
		for i, name := range order {
			if want := fmt.Sprintf("%03d", i); name != want {
				t.Fatalf("call %s was executed as number %s", name, want)
			}
		}
		if b.busy || b.queue != nil {
			t.Error("the batcher is not idle at the end")
		}
	})
}

func TestBatcherAfterAPanic(t *testing.T) {
	b := batcher{exec: func(ctx context.Context, calls []*batchedCall) { calls[0].fill(ctx, nil) }}
	func() {
		defer func() { _ = recover() }()
		_ = b.run(t.Context(), func(context.Context, redis.Pipeliner) { panic("bad") })
	}()
	if err := b.run(t.Context(), func(context.Context, redis.Pipeliner) {}); err != nil {
		t.Error(err)
	}
}
