package telemetry

import (
	"slices"
	"sync"
	"time"

	"parley/app/status"
)

// recent keeps the last durations, for what is told of the last minute: of many, the latest.
type recent struct {
	mu   sync.Mutex
	ring [2048]struct{ at, took time.Duration } // at counts from 1970: half the size of a time.Time
	next int
	all  int
}

func (r *recent) add(at time.Time, took time.Duration) {
	r.mu.Lock()
	r.ring[r.next] = struct{ at, took time.Duration }{time.Duration(at.UnixNano()), took}
	r.next = (r.next + 1) % len(r.ring)
	r.all = min(r.all+1, len(r.ring))
	r.mu.Unlock()
}

// quantiles are those of the minute before now.
func (r *recent) quantiles(now time.Time) status.Latency {
	from := time.Duration(now.Add(-time.Minute).UnixNano())
	var took []time.Duration
	r.mu.Lock()
	for _, s := range r.ring[:r.all] {
		if s.at >= from {
			took = append(took, s.took)
		}
	}
	r.mu.Unlock()
	if len(took) == 0 {
		return status.Latency{}
	}
	slices.Sort(took)
	return status.Latency{Count: len(took), P50: took[len(took)/2], P99: took[len(took)*99/100]}
}
