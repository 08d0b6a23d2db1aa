package admin

import (
	"context"

	"github.com/google/uuid"

	"parley/app/status"
)

// Backend is the replica, as the pages show and change it. Its methods are called
// at any time and by many goroutines at once. They return an error when ctx ends; a
// method that blocks longer is abandoned, and not called again until it returns.
type Backend interface {
	// Kafka returns the state of the log's topic and group.
	Kafka(ctx context.Context) (status.KafkaState, error)

	// Records returns the newest records of each partition.
	Records(ctx context.Context) ([]status.LogRecord, error)

	// Postgres returns the state of the database.
	Postgres(ctx context.Context) (status.PostgresState, error)

	// Redis returns the state of Redis.
	Redis(ctx context.Context) (status.RedisState, error)

	// Replicas returns the figures that all running replicas published last.
	Replicas(ctx context.Context) ([]status.Replica, error)

	// Self returns the figures of this replica.
	Self() status.Replica

	// Dependencies returns the availability of each dependency.
	Dependencies() []status.Dependency

	// Ready returns nil while a message can be made durable.
	Ready(ctx context.Context) error

	// DeadLetters returns all dead letters, resolved or not.
	DeadLetters(ctx context.Context) ([]status.DeadLetter, error)

	// ResolveDeadLetter replays or discards (Replay, Discard) a waiting dead
	// letter. It does nothing to a resolved one, and returns NotFound for an
	// unknown id.
	ResolveDeadLetter(ctx context.Context, id, resolution string) error

	// MessageTrace returns where a message has been, or NotFound when no
	// dependency knows the message.
	MessageTrace(ctx context.Context, id uuid.UUID) (status.MessageTrace, error)

	// Tables returns the tables that operators may read.
	Tables(ctx context.Context) ([]status.TableInfo, error)

	// Table returns a page of rows; page is "" or the previous page's Next. The
	// error is NotFound for an unknown table, Invalid for an unknown page.
	Table(ctx context.Context, name, page string) (status.TablePage, error)
}

// The resolutions of a dead letter.
const (
	Replay  = "replay"  // Replay puts the record back into the log.
	Discard = "discard" // Discard marks the record as not wanted.
)
