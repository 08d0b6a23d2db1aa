package telemetry

import "time"

// Figures are a replica's, as they are at one moment. Counts are since its start.
type Figures struct {
	Replica string // host:port
	Version string
	Started time.Time

	Sends map[string]uint64 // by result: a Result of chat's

	// How long things took during the last minute.
	Ack       Quantiles // until the log had acknowledged a message
	Publish   Quantiles // until Redis had it
	Accepted  Quantiles // from sent_at to acknowledged
	Published Quantiles // from acknowledged to published: the same replica's clock
	Delivered Quantiles // from sent_at to this replica's streams: two replicas' clocks
	Stored    Quantiles // from sent_at to stored by this replica's writer

	Streams        int
	QueuedBytes    int64
	StalledReaders uint64 // closed because they didn't read
	Writer         WriterFigures
	Lag            map[int32]int64 // messages not stored yet, by partition; nil: unknown
	DeadLetters    uint64
	Modes          []Mode
	CacheHits      uint64
	CacheMisses    uint64

	Goroutines int
	Heap       uint64 // bytes in use
	RSS        uint64 // bytes; 0: unknown here
}

// Quantiles are of the last minute; Count 0: nothing happened.
type Quantiles struct {
	Count    int
	P50, P99 time.Duration
}

// WriterFigures are those of this replica's writer.
type WriterFigures struct {
	Partitions int // that it has now
	Batches    uint64
	Rows       uint64
	LastRows   int
	LastTook   time.Duration
	LastAt     time.Time // zero: none yet
}

// Mode is how a component has been since the start.
type Mode struct {
	Component string        // "postgres", "redis" or "kafka"
	Since     time.Time     // when it went away; zero while it is there
	Entered   uint64        // how often it has gone away
	Lasted    time.Duration // how long it was away, all times that are over together
}
