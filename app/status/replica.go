package status

import "time"

// Replica is what a replica publishes about itself for the other replicas' pages.
type Replica struct {
	Name       string    `json:"name"`
	Version    string    `json:"version"` // "": the replica is of a release without this field
	State      string    `json:"state"`   // starting, ready or draining
	Since      time.Time `json:"since"`   // start of the process
	At         time.Time `json:"at"`      // when these values were read
	Streams    int       `json:"streams"`
	People     int       `json:"people"` // people with an open stream
	Memory     uint64    `json:"memory"` // bytes of the process
	Goroutines int       `json:"goroutines"`
	Queued     int64     `json:"queued"` // bytes waiting to be written to streams
	Acked      Latency   `json:"acked"`  // from a send to the log's acknowledgement
	Shown      Latency   `json:"shown"`  // from a send to this replica's streams
	Stored     Latency   `json:"stored"` // from a send to the row of this replica's writer
	Down       []string  `json:"down"`   // names of the dependencies that it can't reach
}

// Latency summarizes the durations of the last minute. Count 0 means that there
// were none.
type Latency struct {
	Count int           `json:"count"`
	P50   time.Duration `json:"p50"`
	P99   time.Duration `json:"p99"`
}
