package status

import "time"

// Backlog is what waits in the log: records for the message writers, and dead letters
// for an operator.
type Backlog struct {
	Partitions  map[int32]PartitionBacklog // nil: the brokers do not report it
	DeadLetters int                        // that wait for a decision; -1: unknown
}

// PartitionBacklog is what waits in one partition.
type PartitionBacklog struct {
	Records int64 // that are not stored yet

	// Oldest is when the oldest of them was appended. It is zero if none of them is
	// older than one measurement.
	Oldest time.Time

	// Paused is the reason why no writer of this release can read the oldest of them,
	// so that the partition is paused; "": it can be read.
	Paused string
}
