package replica

import (
	"math"
	"testing"
	"time"
)

func TestNextBound(t *testing.T) {
	for name, tt := range map[string]struct {
		bound, most, inFlight int
		wait                  time.Duration
		want                  int
	}{
		"calm":                         {2000, 2000, 10, 0, 2000},
		"calm again":                   {64, 2000, 64, time.Millisecond, 73},
		"nearly wide":                  {1999, 2000, 0, 0, 2000},
		"overloaded":                   {2000, 2000, 900, 50 * time.Millisecond, 600},
		"overloaded still":             {600, 2000, 600, 50 * time.Millisecond, 400},
		"few are always taken":         {100, 2000, 3, time.Second, 32},
		"a narrow setting isn't wider": {10, 10, 10, time.Second, 10},
	} {
		if got := nextBound(tt.bound, 32, tt.most, tt.inFlight, tt.wait); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestExceeded(t *testing.T) {
	edges := []float64{math.Inf(-1), 0, 0.001, 0.002, math.Inf(1)}
	for name, tt := range map[string]struct {
		counts []uint64
		want   time.Duration
	}{
		"nobody ran":     {[]uint64{0, 0, 0, 0}, 0},
		"nobody waited":  {[]uint64{0, 100, 0, 0}, 0},
		"a tenth waits":  {[]uint64{0, 90, 10, 0}, 0},
		"more than that": {[]uint64{0, 80, 12, 8}, time.Millisecond},
		"half":           {[]uint64{0, 50, 0, 50}, 2 * time.Millisecond},
	} {
		var total uint64
		for _, n := range tt.counts {
			total += n
		}
		if got := exceeded(tt.counts, edges, total/10); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if newSchedulerWaits().since() < 0 {
		t.Error("goroutines ran before they were ready")
	}
}
