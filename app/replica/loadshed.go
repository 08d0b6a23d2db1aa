package replica

import (
	"context"
	"math"
	"runtime"
	"runtime/metrics"
	"time"
)

// How the bound of sends follows the pressure on this process.
const (
	pressureInterval = 100 * time.Millisecond
	// waitsTooLong is what a tenth of the goroutines that are ready wait at least before they run: then more is asked of the processors than they do. A
	// slow Kafka or Redis doesn't show here, and needs no refusals.
	waitsTooLong = 5 * time.Millisecond
	// fewestSends are always taken, for each processor: enough to keep every part at work.
	fewestSends = 32
)

// watchPressure narrows the bound of sends while the processors are overloaded, so that what was accepted isn't slowed by what is refused, and
// widens it again afterwards, at most to LIMIT_SENDS_IN_FLIGHT.
func (n *Replica) watchPressure(ctx context.Context) {
	most := n.cfg.LimitSendsInFlight
	if most == 0 {
		return
	}
	ticker := time.NewTicker(pressureInterval)
	defer ticker.Stop()
	waits := newSchedulerWaits()
	bound, fewest := most, fewestSends*runtime.GOMAXPROCS(0)
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		bound = nextBound(bound, fewest, most, n.Service.SendsInFlight(), waits.since())
		n.Service.LimitSends(bound)
	}
}

// nextBound cuts a third of what is under way while goroutines wait too long, and otherwise adds an eighth.
func nextBound(bound, fewest, most, inFlight int, wait time.Duration) int {
	if wait < waitsTooLong {
		return min(most, bound+bound/8+1)
	}
	return min(most, max(fewest, min(bound, inFlight)*2/3))
}

// schedulerWaits reads how long goroutines wait for a processor.
type schedulerWaits struct {
	sample []metrics.Sample
	before []uint64
}

func newSchedulerWaits() *schedulerWaits {
	w := &schedulerWaits{sample: []metrics.Sample{{Name: "/sched/latencies:seconds"}}}
	w.since()
	return w
}

// since answers the wait that a tenth of the goroutines exceeded, of those that ran since the last call.
func (w *schedulerWaits) since() time.Duration {
	metrics.Read(w.sample)
	if w.sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0 // a Go that doesn't measure it
	}
	h := w.sample[0].Value.Float64Histogram()
	fresh := make([]uint64, len(h.Counts))
	var total uint64
	for i, n := range h.Counts {
		fresh[i] = n
		if w.before != nil {
			fresh[i] -= w.before[i]
		}
		total += fresh[i]
	}
	w.before = append(w.before[:0], h.Counts...)
	return exceeded(fresh, h.Buckets, total/10)
}

// exceeded is the lower end of the bucket above which at most so many are.
func exceeded(counts []uint64, edges []float64, most uint64) time.Duration {
	var above uint64
	for i := len(counts) - 1; i >= 0; i-- {
		if above += counts[i]; above > most {
			return time.Duration(math.Max(0, edges[i]) * float64(time.Second))
		}
	}
	return 0
}
