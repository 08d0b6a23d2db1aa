package replica

import (
	"math"
	"runtime/metrics"
	"time"
)

// schedulerLatency reads how long runnable goroutines wait for a processor.
type schedulerLatency struct {
	sample []metrics.Sample
	before []uint64 // counts of the histogram at the last call
}

func newSchedulerLatency() *schedulerLatency {
	s := &schedulerLatency{sample: []metrics.Sample{{Name: "/sched/latencies:seconds"}}}
	s.sinceLast()
	return s
}

// sinceLast returns the wait that a tenth of the goroutines exceeded, among those that
// ran since the last call. 0 if this Go release doesn't measure it.
func (s *schedulerLatency) sinceLast() time.Duration {
	metrics.Read(s.sample)
	if s.sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0
	}

	h := s.sample[0].Value.Float64Histogram()
	counts := make([]uint64, len(h.Counts))
	var total uint64
	for i, n := range h.Counts {
		counts[i] = n
		if s.before != nil {
			counts[i] -= s.before[i]
		}
		total += counts[i]
	}

	s.before = append(s.before[:0], h.Counts...)
	return quantile(counts, h.Buckets, total/10)
}

// quantile returns the lower edge, in seconds, of the bucket above which at most
// maxAbove counts lie.
func quantile(counts []uint64, edges []float64, maxAbove uint64) time.Duration {
	var above uint64
	for i := len(counts) - 1; i >= 0; i-- {
		if above += counts[i]; above > maxAbove {
			return time.Duration(math.Max(0, edges[i]) * float64(time.Second))
		}
	}
	return 0
}
