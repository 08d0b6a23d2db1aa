package loop_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"parley/app/loop"
)

func TestEveryRepeatsUntilTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 35*time.Second)
		defer stop()
		calls := 0
		loop.Every(ctx, 10*time.Second, func(context.Context) { calls++ })

		if calls != 3 {
			t.Errorf("%d calls in 35 s, want 3", calls)
		}
	})
}

func TestBackoffDoublesUpToItsMaximum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loop.Backoff{Min: time.Second, Max: 5 * time.Second}

		waited := func() time.Duration {
			begin := time.Now()

			if !b.Wait(t.Context()) {
				t.Fatal("the wait ended early, but the context did not end")
			}

			return time.Since(begin)
		}
		for i, want := range []time.Duration{1, 2, 4, 5, 5} {
			if got := waited(); got != want*time.Second {
				t.Errorf("wait %d: %v, want %v", i, got, want*time.Second)
			}
		}

		b.Reset()

		if got := waited(); got != time.Second {
			t.Errorf("wait after a reset: %v, want 1 s", got)
		}
	})
}

func TestSleepEndsWithTheContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()

	if loop.Sleep(ctx, time.Hour) {
		t.Error("Sleep reported true although its context had ended")
	}
}
