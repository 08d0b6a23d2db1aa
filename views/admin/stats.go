package admin

import (
	"parley/app/status"
	"parley/views/components"
)

// stats returns the rates and latencies of the pipeline.
func (p Pipeline) stats() []components.Stat {
	acked := p.Slowest(func(r status.Replica) status.Latency { return r.Acked })
	shown := p.Slowest(func(r status.Replica) status.Latency { return r.Shown })
	return []components.Stat{
		{
			Name:   "Into the log",
			Figure: rateText(p.Appended, p.Kafka.OK()),
			Unit:   "messages/s",
			Note:   "All replicas together",
			Points: p.Appended.Points,
		},
		{
			Name:   "Stored from it",
			Figure: rateText(p.Stored, p.Kafka.OK()),
			Unit:   "messages/s",
			Note:   "What the group has committed",
			Points: p.Stored.Points,
		},
		p.lagStat(),
		latencyStat("Post to acknowledged", acked, p.Acked),
		latencyStat("Post to screens", shown, p.Shown),
	}
}

func (p Pipeline) lagStat() components.Stat {
	s := components.Stat{Name: "On their way", Figure: unknown, Unit: "messages", Note: "Kafka does not answer", Points: p.Lag}
	if !p.Kafka.OK() {
		return s
	}

	lag := p.Kafka.Value.Lag()
	s.Figure, s.Note = components.Thousands(lag), "Records that the writer has not stored yet"
	if lag == 0 {
		s.Note = "The writer keeps up"
	}
	return s
}

func latencyStat(name string, t status.Latency, points []float64) components.Stat {
	if t.Count == 0 {
		return components.Stat{
			Name:   name,
			Figure: unknown,
			Unit:   "ms",
			Note:   "No message in the last minute",
			Points: points,
		}
	}
	return components.Stat{
		Name:   name,
		Figure: milliseconds(t.P50),
		Unit:   "ms p50",
		Note:   "p99 " + milliseconds(t.P99) + " ms, the last minute",
		Points: points,
	}
}
