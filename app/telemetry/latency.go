package telemetry

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/app/status"
)

// window is the period that latencies cover.
const window = time.Minute

// latency measures one duration, as a histogram for Prometheus and as the quantiles
// of the last minute.
type latency struct {
	histogram prometheus.Histogram
	recent    *recentDurations
}

func newLatency(h prometheus.Histogram) latency { return latency{h, &recentDurations{}} }

func (l latency) observe(d time.Duration) {
	d = max(0, d) // negative when two machines' clocks differ
	l.histogram.Observe(d.Seconds())
	l.recent.add(time.Now(), d)
}

// quantiles returns the quantiles of the minute before now.
func (l latency) quantiles(now time.Time) status.Latency { return l.recent.quantiles(now) }

// recentDurations is a ring of the latest durations. With more than fit in a minute,
// its quantiles are those of the latest. Safe for concurrent use.
type recentDurations struct {
	mu    sync.Mutex // guards the fields below
	ring  [2048]recentDuration
	next  int
	count int
}

// recentDuration has the time as a duration since 1970, because a time.Time is three
// times as large.
type recentDuration struct{ at, took time.Duration }

func (r *recentDurations) add(at time.Time, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ring[r.next] = recentDuration{time.Duration(at.UnixNano()), took}
	r.next = (r.next + 1) % len(r.ring)
	r.count = min(r.count+1, len(r.ring))
}

func (r *recentDurations) quantiles(now time.Time) status.Latency {
	from := time.Duration(now.Add(-window).UnixNano())
	var took []time.Duration
	r.mu.Lock()
	for _, d := range r.ring[:r.count] {
		if d.at >= from {
			took = append(took, d.took)
		}
	}

	r.mu.Unlock()
	if len(took) == 0 {
		return status.Latency{}
	}

	slices.Sort(took)
	return status.Latency{Count: len(took), P50: took[len(took)/2], P99: took[len(took)*99/100]}
}
