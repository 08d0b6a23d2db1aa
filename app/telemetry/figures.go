package telemetry

import (
	"time"

	"parley/app/status"
)

// Figures are a replica's, as they are at one moment. Counts are since its start.
type Figures struct {
	Replica string // host:port
	Version string
	Started time.Time

	Sends map[string]uint64 // by result: a Result of chat's

	// How long things took during the last minute.
	Ack       status.Latency // until the log had acknowledged a message
	Publish   status.Latency // until Redis had it
	Accepted  status.Latency // from sent_at to acknowledged
	Published status.Latency // from acknowledged to published: the same replica's clock
	Delivered status.Latency // from sent_at to this replica's streams: two replicas' clocks
	Stored    status.Latency // from sent_at to stored by this replica's writer

	Streams        int
	QueuedBytes    int64
	StalledReaders uint64 // closed because they didn't read
	Writer         WriterFigures
	Lag            map[int32]int64 // messages not stored yet, by partition; nil: unknown
	DeadLetters    uint64
	Dependencies   []status.Dependency
	CacheHits      uint64
	CacheMisses    uint64

	Goroutines int
	Heap       uint64 // bytes in use
	RSS        uint64 // bytes; 0: unknown here
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
