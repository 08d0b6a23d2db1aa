package admin

import (
	"sync"
	"time"

	"parley/app/status"
	views "parley/views/admin"
)

// history holds the log's offsets and the messages' latencies of the last minutes,
// from the moments at which a page was open. Safe for concurrent use.
type history struct {
	mu        sync.Mutex // guards the fields below
	offsets   []offsetPoint
	latencies []latencyPoint
}

// offsetPoint has the sums over all partitions.
type offsetPoint struct {
	at        time.Time
	end       int64 // of the log
	committed int64 // by the writers
}

// latencyPoint has medians in milliseconds.
type latencyPoint struct {
	at           time.Time
	acked, shown float64
}

const (
	historyLength = 5 * time.Minute
	rateWindow    = 5 * time.Second // over which a rate is computed
)

// addOffsets appends a point. A sum that shrinks begins a new history, because the
// topic was created again.
func (h *history) addOffsets(at time.Time, s status.KafkaState) {
	h.mu.Lock()
	defer h.mu.Unlock()

	p := offsetPoint{at: at}
	for _, partition := range s.Partitions {
		p.end += partition.End
		p.committed += partition.Committed
	}
	if n := len(h.offsets); n > 0 && (p.end < h.offsets[n-1].end || p.committed < h.offsets[n-1].committed) {
		h.offsets = nil
	}

	h.offsets = append(h.offsets, p)
	for at.Sub(h.offsets[0].at) > historyLength {
		h.offsets = h.offsets[1:]
	}
}

// rates returns how many messages per second were appended and stored, and how many
// records waited to be stored at each point.
func (h *history) rates() (appended, stored views.Rate, lag []float64) {
	h.mu.Lock()
	defer h.mu.Unlock()

	from := 0
	for i, p := range h.offsets {
		lag = append(lag, float64(max(0, p.end-p.committed)))
		for p.at.Sub(h.offsets[from].at) > rateWindow && from < i-1 {
			from++
		}
		if i == 0 {
			continue
		}
		first := h.offsets[from]
		seconds := p.at.Sub(first.at).Seconds()
		appended.Points = append(appended.Points, float64(p.end-first.end)/seconds)
		stored.Points = append(stored.Points, float64(p.committed-first.committed)/seconds)
	}
	if n := len(appended.Points); n > 0 {
		appended.PerSecond, stored.PerSecond = appended.Points[n-1], stored.Points[n-1]
	}

	return appended, stored, lag
}

// addLatencies appends the latencies in p, unless the last point is younger than
// stateMaxAge, and returns all points. Several pages may call it for one reading.
func (h *history) addLatencies(p views.Pipeline) (acked, shown []float64) {
	h.mu.Lock()
	defer h.mu.Unlock()

	if n := len(h.latencies); n == 0 || p.At.Sub(h.latencies[n-1].at) >= stateMaxAge {
		h.latencies = append(h.latencies, latencyPoint{
			at:    p.At,
			acked: milliseconds(p.Slowest(func(r status.Replica) status.Latency { return r.Acked })),
			shown: milliseconds(p.Slowest(func(r status.Replica) status.Latency { return r.Shown })),
		})
	}

	for p.At.Sub(h.latencies[0].at) > historyLength {
		h.latencies = h.latencies[1:]
	}

	for _, l := range h.latencies {
		acked, shown = append(acked, l.acked), append(shown, l.shown)
	}

	return acked, shown
}

func milliseconds(t status.Latency) float64 { return float64(t.P50.Microseconds()) / 1000 }
