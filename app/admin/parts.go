package admin

import (
	"context"

	"github.com/google/uuid"

	"parley/app/status"
)

// Parts are what the pages show and do. Every method may be called at any time, by many at once, and answers an error rather than waiting past ctx;
// one that waits all the same is left waiting, and asked by nobody else meanwhile.
type Backend interface {
	Log(ctx context.Context) (status.KafkaState, error)
	Records(ctx context.Context) ([]status.LogRecord, error)
	DeadLetters(ctx context.Context) ([]status.DeadLetter, error)
	Database(ctx context.Context) (status.PostgresState, error)
	Bus(ctx context.Context) (status.RedisState, error)
	Replicas(ctx context.Context) ([]status.Replica, error)
	Self() status.Replica
	Dependencies() []status.Dependency
	Ready(ctx context.Context) error // nil while a message can be made durable
	// Settle replays or discards a dead letter that waits; one that doesn't stays as it is. NotFound for an unknown one.
	ResolveDeadLetter(ctx context.Context, id, how string) error
	// Message says where one has been. NotFound when nobody knows it.
	Message(ctx context.Context, id uuid.UUID) (status.MessageTrace, error)
	Tables(ctx context.Context) ([]status.TableInfo, error)
	// Table: NotFound for an unknown table, Invalid for an unknown page.
	Table(ctx context.Context, name, page string) (status.TablePage, error)
}

// How a dead letter is settled.
const (
	Replay  = "replay"
	Discard = "discard"
)
