package admin

import (
	"time"

	"parley/app/status"
	views "parley/views/admin"
)

// figures is the JSON of the pipeline page. Durations are in seconds. A dependency that
// doesn't answer has an error and no other field.
type figures struct {
	At           time.Time          `json:"at"`
	Replicas     []replicaFigure    `json:"replicas"`
	Dependencies []dependencyFigure `json:"dependencies"`
	Lag          *int64             `json:"lag"` // null: Kafka doesn't answer
	Kafka        kafkaFigure        `json:"kafka"`
	Postgres     postgresFigure     `json:"postgres"`
	Redis        redisFigure        `json:"redis"`
	DeadLetters  *int               `json:"dead_letters_waiting"` // null: Kafka doesn't answer
	Appended     float64            `json:"appended_per_second"`
	Stored       float64            `json:"stored_per_second"`
	Acked        latencyFigure      `json:"acked"`     // of the slowest replica, from a send to its acknowledgement
	Delivered    latencyFigure      `json:"delivered"` // of the slowest replica, from a send to its streams
}

type replicaFigure struct {
	Name       string        `json:"name"`
	Version    string        `json:"version"`
	State      string        `json:"state"`
	Since      time.Time     `json:"since"`
	Streams    int           `json:"streams"`
	People     int           `json:"people"`
	Memory     uint64        `json:"memory_bytes"`
	Goroutines int           `json:"goroutines"`
	Queued     int64         `json:"queued_bytes"`
	Down       []string      `json:"down"`
	Acked      latencyFigure `json:"acked"`
	Delivered  latencyFigure `json:"delivered"`
	Stored     latencyFigure `json:"stored"`
}

type dependencyFigure struct {
	Name        string     `json:"name"`
	Down        bool       `json:"down"`
	Since       *time.Time `json:"since,omitempty"`
	Outages     int        `json:"outages"`
	DownSeconds float64    `json:"down_seconds"` // of the outages that are over
}

type kafkaFigure struct {
	Error      string            `json:"error,omitempty"`
	Topic      string            `json:"topic,omitempty"`
	Group      string            `json:"group,omitempty"`
	State      string            `json:"group_state,omitempty"`
	Brokers    []string          `json:"brokers,omitempty"`
	Copies     int               `json:"replication_factor,omitempty"`
	OutOfSync  int               `json:"out_of_sync_partitions"`
	Partitions []partitionFigure `json:"partitions,omitempty"`
}

type partitionFigure struct {
	Partition int32  `json:"partition"`
	First     int64  `json:"first_offset"`
	Committed int64  `json:"committed_offset"`
	End       int64  `json:"end_offset"`
	Lag       int64  `json:"lag"`
	InSync    int    `json:"in_sync"`
	Writer    string `json:"writer"`
}

type postgresFigure struct {
	Error       string  `json:"error,omitempty"`
	Version     string  `json:"version,omitempty"`
	Ping        float64 `json:"ping_seconds"`
	Bytes       int64   `json:"bytes"`
	Used        int32   `json:"pool_in_use"`
	Max         int32   `json:"pool_max"`
	Connections int64   `json:"connections"`
}

type redisFigure struct {
	Error    string  `json:"error,omitempty"`
	Version  string  `json:"version,omitempty"`
	Ping     float64 `json:"ping_seconds"`
	Bytes    int64   `json:"bytes"`
	MaxBytes int64   `json:"max_bytes"` // 0: unlimited
	Clients  int64   `json:"clients"`
}

type latencyFigure struct {
	Count int     `json:"count"` // in the last minute
	P50   float64 `json:"p50_seconds"`
	P99   float64 `json:"p99_seconds"`
}

func figuresOf(p views.Pipeline) figures {
	f := figures{
		At:        p.At,
		Kafka:     kafkaFigureOf(p.Kafka),
		Postgres:  postgresFigureOf(p.Postgres),
		Redis:     redisFigureOf(p.Redis),
		Appended:  p.Appended.PerSecond,
		Stored:    p.Stored.PerSecond,
		Acked:     latencyFigureOf(p.Slowest(func(r status.Replica) status.Latency { return r.Acked })),
		Delivered: latencyFigureOf(p.Slowest(func(r status.Replica) status.Latency { return r.Shown })),
	}
	for _, r := range p.AllReplicas() {
		f.Replicas = append(f.Replicas, replicaFigureOf(r))
	}
	if p.Kafka.OK() {
		lag := p.Kafka.Value.Lag()
		f.Lag = &lag
	}
	if p.DeadLetters.OK() {
		waiting := len(p.Waiting())
		f.DeadLetters = &waiting
	}

	for _, d := range p.Dependencies {
		one := dependencyFigure{Name: d.Name, Down: !d.Since.IsZero(), Outages: d.Entered, DownSeconds: d.Lasted.Seconds()}
		if one.Down {
			one.Since = &d.Since
		}
		f.Dependencies = append(f.Dependencies, one)
	}

	return f
}

func replicaFigureOf(r status.Replica) replicaFigure {
	return replicaFigure{
		Name:       r.Name,
		Version:    r.Version,
		State:      r.State,
		Since:      r.Since,
		Streams:    r.Streams,
		People:     r.People,
		Memory:     r.Memory,
		Goroutines: r.Goroutines,
		Queued:     r.Queued,
		Down:       append([]string{}, r.Down...),
		Acked:      latencyFigureOf(r.Acked),
		Delivered:  latencyFigureOf(r.Shown),
		Stored:     latencyFigureOf(r.Stored),
	}
}

func kafkaFigureOf(r views.Reading[status.KafkaState]) kafkaFigure {
	if !r.OK() {
		return kafkaFigure{Error: r.Err.Error()}
	}

	f := kafkaFigure{
		Topic:     r.Value.Topic,
		Group:     r.Value.Group,
		State:     r.Value.GroupState,
		Brokers:   r.Value.Brokers,
		Copies:    r.Value.ReplicationFactor,
		OutOfSync: r.Value.OutOfSync(),
	}
	for _, p := range r.Value.Partitions {
		f.Partitions = append(f.Partitions, partitionFigure{
			Partition: p.Number,
			First:     p.First,
			Committed: p.Committed,
			End:       p.End,
			Lag:       p.Lag(),
			InSync:    p.InSync,
			Writer:    p.Writer,
		})
	}

	return f
}

func postgresFigureOf(r views.Reading[status.PostgresState]) postgresFigure {
	if !r.OK() {
		return postgresFigure{Error: r.Err.Error()}
	}
	return postgresFigure{
		Version:     r.Value.Version,
		Ping:        r.Value.Ping.Seconds(),
		Bytes:       r.Value.Bytes,
		Used:        r.Value.Used,
		Max:         r.Value.Max,
		Connections: r.Value.Connected,
	}
}

func redisFigureOf(r views.Reading[status.RedisState]) redisFigure {
	if !r.OK() {
		return redisFigure{Error: r.Err.Error()}
	}
	return redisFigure{
		Version:  r.Value.Version,
		Ping:     r.Value.Ping.Seconds(),
		Bytes:    r.Value.Bytes,
		MaxBytes: r.Value.MaxBytes,
		Clients:  r.Value.Clients,
	}
}

func latencyFigureOf(l status.Latency) latencyFigure {
	return latencyFigure{Count: l.Count, P50: l.P50.Seconds(), P99: l.P99.Seconds()}
}
