package telemetry

import (
	"time"

	"parley/app/status"
)

// Figures are the figures of one replica at one moment. Counts are since its start.
type Figures struct {
	Replica string // host:port
	Version string
	Started time.Time

	Sends map[string]uint64 // by chat.Result

	// Latencies of the last minute.

	Ack       status.Latency // of the log's acknowledgement
	Publish   status.Latency // of Redis
	Accepted  status.Latency // from sent_at to acknowledged
	Published status.Latency // from acknowledged to published, by the same replica's clock
	Delivered status.Latency // from sent_at to this replica's streams, by two replicas' clocks
	Stored    status.Latency // from sent_at to stored by this replica's writer

	Streams        int
	QueuedBytes    int64  // that streams have not sent yet
	StalledReaders uint64 // streams closed because the client didn't read
	Writer         WriterFigures
	Backlog        status.Backlog
	DeadLetters    uint64
	Dependencies   []status.Dependency
	CacheHits      uint64 // of the access cache
	CacheMisses    uint64

	Goroutines int
	Heap       uint64 // bytes in use
	RSS        uint64 // bytes; 0: unknown on this system
}

// WriterFigures are the figures of this replica's writer.
type WriterFigures struct {
	Partitions int // assigned now
	Batches    uint64
	Rows       uint64
	LastRows   int           // of the last batch
	LastTook   time.Duration // of the last batch's transaction
	LastAt     time.Time     // end of the last batch; zero: none yet
}
