package admin

import (
	"time"

	"parley/app/status"
)

// Pipeline is the data of the pipeline page.
type Pipeline struct {
	At           time.Time
	ShowText     bool
	Kafka        Reading[status.KafkaState]
	Appended     Rate      // messages into the log
	Stored       Rate      // messages from the log
	Lag          []float64 // records that are not stored yet, oldest first
	Acked        []float64 // median milliseconds from post to acknowledgement, oldest first
	Shown        []float64 // median milliseconds from post to screens, oldest first
	Records      Reading[[]status.LogRecord]
	DeadLetters  Reading[[]status.DeadLetter]
	Postgres     Reading[status.PostgresState]
	Redis        Reading[status.RedisState]
	Replicas     Reading[[]status.Replica]
	Self         status.Replica
	Dependencies []status.Dependency // as this replica sees them
}

// AllReplicas returns all replicas, or only this one while they can't be read.
func (p Pipeline) AllReplicas() []status.Replica {
	if !p.Replicas.OK() || len(p.Replicas.Value) == 0 {
		return []status.Replica{p.Self}
	}
	return p.Replicas.Value
}

// Waiting returns the dead letters that wait for a decision.
func (p Pipeline) Waiting() (list []status.DeadLetter) {
	for _, d := range p.DeadLetters.Value {
		if d.State == "waiting" {
			list = append(list, d)
		}
	}
	return list
}

// down returns the dependencies that are down.
func (p Pipeline) down() (list []status.Dependency) {
	for _, d := range p.Dependencies {
		if !d.Since.IsZero() {
			list = append(list, d)
		}
	}
	return list
}

// Slowest returns the highest latencies of all replicas: 50 % of a replica's messages
// took at most P50, and 99 % at most P99.
func (p Pipeline) Slowest(of func(status.Replica) status.Latency) (worst status.Latency) {
	for _, r := range p.AllReplicas() {
		if t := of(r); t.Count > 0 {
			worst.Count += t.Count
			worst.P50, worst.P99 = max(worst.P50, t.P50), max(worst.P99, t.P99)
		}
	}
	return worst
}
