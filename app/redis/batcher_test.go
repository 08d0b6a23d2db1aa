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

// TestTripsAreShared: what comes while one is on its way goes with the next, each call once and with its own error, and in order.
func TestTripsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		var order []string
		under := 0
		all := batcher{}
		all.exec = func(ctx context.Context, calls []*batchedCall) {
			if under++; under > 1 {
				t.Error("two at once")
			}
			time.Sleep(time.Second) // of synctest's clock: until all others have queued
			sizes = append(sizes, len(calls))
			for _, c := range calls {
				c.fill(ctx, nil)
				c.err = errors.New(order[len(order)-1])
			}
			under--
		}
		var wg sync.WaitGroup
		for i := range 200 {
			name := fmt.Sprintf("%03d", i)
			wg.Go(func() {
				err := all.run(t.Context(), func(context.Context, redis.Pipeliner) { order = append(order, name) })
				if err == nil || err.Error() != name {
					t.Errorf("%s was answered %v", name, err)
				}
			})
			synctest.Wait() // queued before the next
		}
		wg.Wait()
		if got := fmt.Sprint(sizes); got != "[1 64 64 64 7]" {
			t.Errorf("trips of %s", got)
		}
		for i, name := range order {
			if name != fmt.Sprintf("%03d", i) {
				t.Fatalf("place %d has %s", i, name)
			}
		}
		if all.busy || all.queue != nil {
			t.Error("the last one left something behind")
		}
	})
}

// TestTripAfterPanic: one that panics doesn't take the others' turn with it.
func TestTripAfterPanic(t *testing.T) {
	all := batcher{exec: func(ctx context.Context, calls []*batchedCall) { calls[0].fill(ctx, nil) }}
	func() {
		defer func() { _ = recover() }()
		_ = all.run(t.Context(), func(context.Context, redis.Pipeliner) { panic("bad") })
	}()
	if err := all.run(t.Context(), func(context.Context, redis.Pipeliner) {}); err != nil {
		t.Error(err)
	}
}
