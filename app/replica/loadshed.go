package replica

import (
	"context"
	"runtime"
	"time"

	"parley/app/loop"
)

const (
	// sendLimitInterval is the time between adjustments of the limit of sends.
	sendLimitInterval = 100 * time.Millisecond

	// overloadLatency is how long a tenth of the runnable goroutines wait for a
	// processor when the processors are overloaded. A slow Kafka or Redis doesn't
	// raise this latency, and needs no load shedding.
	overloadLatency = 5 * time.Millisecond

	// minSendsPerProc is the lowest limit for each processor. So many sends keep all
	// dependencies busy.
	minSendsPerProc = 32
)

// adjustSendLimit lowers the limit of sends in flight while the processors are
// overloaded, so that rejected sends don't slow the accepted ones, and raises it again
// afterwards, up to LIMIT_SENDS_IN_FLIGHT.
func (n *Replica) adjustSendLimit(ctx context.Context) {
	upper := n.cfg.LimitSendsInFlight
	if upper == 0 {
		return
	}

	limit, lower := upper, minSendsPerProc*runtime.GOMAXPROCS(0)
	latency := newSchedulerLatency()
	loop.Every(ctx, sendLimitInterval, func(context.Context) {
		limit = nextSendLimit(limit, lower, upper, n.Messages.SendsInFlight(), latency.sinceLast())
		n.Messages.LimitSends(limit)
	})
}

// nextSendLimit lowers the limit to two thirds of the sends in flight while goroutines
// wait for a processor, and otherwise raises it by an eighth.
func nextSendLimit(limit, lower, upper, inFlight int, latency time.Duration) int {
	if latency < overloadLatency {
		return min(upper, limit+limit/8+1)
	}
	return min(upper, max(lower, min(limit, inFlight)*2/3))
}
