package admin

import (
	"sync"
	"time"

	"parley/app/status"
	pages "parley/views/admin"
)

// history is the log's ends of the last minutes, as far as somebody looked. Safe for concurrent use.
type history struct {
	mu     sync.Mutex
	points []point
	timed  []timedPoint
}

// timedPoint has milliseconds.
type timedPoint struct {
	at           time.Time
	acked, shown float64
}

type point struct {
	at            time.Time
	taken, stored int64 // so far
}

// How far the history goes back, and over which time a rate is taken.
const (
	historyLasts = 5 * time.Minute
	rateOver     = 5 * time.Second
)

// add notes the log's ends. A topic that was made anew begins a new history; so does a partition that came.
func (h *history) add(at time.Time, s status.KafkaState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := point{at: at}
	for _, part := range s.Partitions {
		p.taken, p.stored = p.taken+part.End, p.stored+part.Committed
	}
	if n := len(h.points); n > 0 && (p.taken < h.points[n-1].taken || p.stored < h.points[n-1].stored) {
		h.points = nil
	}
	h.points = append(h.points, p)
	for at.Sub(h.points[0].at) > historyLasts {
		h.points = h.points[1:]
	}
}

// rates are the newest and all of them, with how much waited at each.
func (h *history) rates() (taken, stored pages.Rate, waits []float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	from := 0
	for i, p := range h.points {
		waits = append(waits, float64(max(0, p.taken-p.stored)))
		for p.at.Sub(h.points[from].at) > rateOver && from < i-1 {
			from++
		}
		if i == 0 {
			continue
		}
		seconds := p.at.Sub(h.points[from].at).Seconds()
		taken.Points = append(taken.Points, float64(p.taken-h.points[from].taken)/seconds)
		stored.Points = append(stored.Points, float64(p.stored-h.points[from].stored)/seconds)
	}
	if n := len(taken.Points); n > 0 {
		taken.PerSecond, stored.PerSecond = taken.Points[n-1], stored.Points[n-1]
	}
	return taken, stored, waits
}

// times notes what messages took as a page has it, once for all that are made within a moment, and answers all that was noted.
func (h *history) times(p pages.Pipeline) (acked, shown []float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.timed); n == 0 || p.At.Sub(h.timed[n-1].at) >= liveFor {
		h.timed = append(h.timed, timedPoint{p.At,
			milliseconds(p.Slowest(func(r status.Replica) status.Latency { return r.Acked })), milliseconds(p.Slowest(func(r status.Replica) status.Latency { return r.Shown }))})
	}
	for p.At.Sub(h.timed[0].at) > historyLasts {
		h.timed = h.timed[1:]
	}
	for _, t := range h.timed {
		acked, shown = append(acked, t.acked), append(shown, t.shown)
	}
	return acked, shown
}

func milliseconds(t status.Latency) float64 { return float64(t.P50.Microseconds()) / 1000 }
