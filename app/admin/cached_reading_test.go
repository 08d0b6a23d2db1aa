package admin

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	views "parley/views/admin"
)

// TestReadingTimesOut: the first caller waits until the timeout, later ones not at
// all, and read is called once.
func TestReadingTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, answer := 0, make(chan int)
		c := newCachedReading(time.Second, func(context.Context) (int, error) { calls++; return <-answer, nil })
		for _, want := range []time.Duration{readTimeout, 0, 0} {
			begin := time.Now()
			if r := c.get(t.Context()); !errors.Is(r.Err, views.ErrNoAnswer) {
				t.Errorf("a dependency without an answer gave %v", r)
			}
			if took := time.Since(begin); took != want {
				t.Errorf("get took %s, want %s", took, want)
			}
		}

		answer <- 7 // after the timeout
		synctest.Wait()
		if r := c.get(t.Context()); r.Err != nil || r.Value != 7 || calls != 1 {
			t.Errorf("%d calls, the reading is %v", calls, r)
		}
	})
}

// TestReadingIsShared by concurrent callers while it is fresh, and read again after
// invalidate, even if a call was pending then.
func TestReadingIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := newCachedReading(time.Second, func(context.Context) (int, error) {
			calls++
			n := calls
			time.Sleep(100 * time.Millisecond) // of synctest's clock, as below
			return n, nil
		})
		for range 10 {
			go c.get(t.Context())
		}
		synctest.Wait()
		if r := c.get(t.Context()); r.Value != 1 || calls != 1 {
			t.Errorf("%d calls: %v", calls, r)
		}

		time.Sleep(2 * time.Second) // of synctest's clock, past its age limit
		if calls != 1 {
			t.Error("read was called without a caller of get")
		}

		go c.get(t.Context())
		synctest.Wait()
		c.invalidate() // while the second call is pending
		if r := c.get(t.Context()); r.Value != 2 {
			t.Errorf("%v", r)
		}
		if r := c.get(t.Context()); r.Value != 3 {
			t.Errorf("after invalidate it is still %v", r)
		}
	})
}
