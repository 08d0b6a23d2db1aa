package admin

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"parley/app/status"
	pages "parley/views/admin"
)

// TestASilentPartHoldsNobodyUp: whoever looks waits no longer than a part has to answer, and not at all for one that is late already; meanwhile nobody asks it again.
func TestASilentPartHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, answer := 0, make(chan int)
		b := newBox(time.Second, func(context.Context) (int, error) { asked++; return <-answer, nil })
		for _, want := range []time.Duration{answersTimeout, 0, 0} {
			begin := time.Now()
			if r := b.get(t.Context()); !errors.Is(r.Err, pages.ErrNoAnswer) {
				t.Errorf("a silent part said %v", r)
			}
			if took := time.Since(begin); took != want {
				t.Errorf("it was waited for %s", took)
			}
		}
		answer <- 7 // late
		synctest.Wait()
		if r := b.get(t.Context()); r.Err != nil || r.Value != 7 || asked != 1 {
			t.Errorf("asked %d times, it is known as %v", asked, r)
		}
	})
}

// TestAReadingIsShared by all who look while it is fresh, and made again after a change, even when it was under way.
func TestAReadingIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		b := newBox(time.Second, func(context.Context) (int, error) {
			asked++
			n := asked
			time.Sleep(100 * time.Millisecond) // of synctest's clock, as below
			return n, nil
		})
		for range 10 {
			go b.get(t.Context())
		}
		synctest.Wait()
		if r := b.get(t.Context()); r.Value != 1 || asked != 1 {
			t.Errorf("asked %d times: %v", asked, r)
		}
		time.Sleep(2 * time.Second) // longer than it stays fresh
		if asked != 1 {
			t.Error("it was asked while nobody looked")
		}
		go b.get(t.Context())
		synctest.Wait()
		b.forget() // while the second reading is under way
		if r := b.get(t.Context()); r.Value != 2 {
			t.Errorf("%v", r)
		}
		if r := b.get(t.Context()); r.Value != 3 {
			t.Errorf("after a change it is still %v", r)
		}
	})
}

func TestRates(t *testing.T) {
	var h history
	at := time.Unix(1000, 0)
	log := func(end, committed int64) status.KafkaState {
		return status.KafkaState{Partitions: []status.LogPartition{{End: end, Committed: committed}, {End: 5, Committed: 5}}}
	}
	if h.add(at, log(100, 100)); true {
		if taken, _, _ := h.rates(); len(taken.Points) != 0 {
			t.Error("one reading makes no rate")
		}
	}
	h.add(at.Add(2*time.Second), log(120, 100))
	taken, stored, waits := h.rates()
	if taken.PerSecond != 10 || stored.PerSecond != 0 || len(waits) != 2 || waits[1] != 20 {
		t.Errorf("%v, %v, %v", taken, stored, waits)
	}
	h.add(at.Add(4*time.Second), log(0, 0)) // the topic was made anew
	if taken, _, waits := h.rates(); len(taken.Points) != 0 || len(waits) != 1 {
		t.Errorf("a new topic has a history: %v %v", taken, waits)
	}
	h.add(at.Add(4*time.Second+historyLasts+time.Second), log(9, 9))
	if _, _, waits := h.rates(); len(waits) != 1 {
		t.Errorf("it goes back too far: %v", waits)
	}
}
