package replica

import (
	"math"
	"testing"
	"time"
)

func TestNextSendLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		limit, upper, inFlight int
		latency                time.Duration
		want                   int
	}{
		"no load":                     {2000, 2000, 10, 0, 2000},
		"recovering":                  {64, 2000, 64, time.Millisecond, 73},
		"recovered":                   {1999, 2000, 0, 0, 2000},
		"overloaded":                  {2000, 2000, 900, 50 * time.Millisecond, 600},
		"still overloaded":            {600, 2000, 600, 50 * time.Millisecond, 400},
		"never below the lower limit": {100, 2000, 3, time.Second, 32},
		"never above a small setting": {10, 10, 10, time.Second, 10},
	} {
		if got := nextSendLimit(tt.limit, 32, tt.upper, tt.inFlight, tt.latency); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	edges := []float64{math.Inf(-1), 0, 0.001, 0.002, math.Inf(1)}
	for name, tt := range map[string]struct {
		counts []uint64
		want   time.Duration
	}{
		"no counts":           {[]uint64{0, 0, 0, 0}, 0},
		"no waits":            {[]uint64{0, 100, 0, 0}, 0},
		"a tenth waits":       {[]uint64{0, 90, 10, 0}, 0},
		"more than a tenth":   {[]uint64{0, 80, 12, 8}, time.Millisecond},
		"half in the highest": {[]uint64{0, 50, 0, 50}, 2 * time.Millisecond},
	} {
		var total uint64
		for _, n := range tt.counts {
			total += n
		}
		if got := quantile(tt.counts, edges, total/10); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if newSchedulerLatency().sinceLast() < 0 {
		t.Error("the scheduler's latency is negative")
	}
}
