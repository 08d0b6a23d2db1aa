package telemetry

import "parley/app/status"

// Sources are the figures that other packages count themselves. Metrics calls them
// when somebody reads the metrics, but not before. All of them are required.
type Sources struct {
	Streams       func() int
	Queued        func() int64  // bytes that streams have not sent yet
	Stalled       func() uint64 // streams closed because the client didn't read
	SendsInFlight func() int
	CacheHits     func() (hits, misses uint64) // of the access cache
	Dependencies  func() []status.Dependency
	SchemaCurrent func() bool // the database has all migrations of this program, as far as it answers
	Postgres      func() Pool
	Redis         func() Pool
}

// Pool is the state of a connection pool.
type Pool struct {
	InUse int
	Idle  int
	Max   int
	Waits uint64 // requests that waited for a connection; of Redis: that timed out
}
