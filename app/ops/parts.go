package ops

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Parts are what the pages show and do. Every method may be called at any time, by many at once, and answers an error rather than waiting past ctx;
// one that waits all the same is left waiting, and asked by nobody else meanwhile.
type Parts interface {
	Log(ctx context.Context) (chat.LogState, error)
	Records(ctx context.Context) ([]chat.LogRecord, error)
	Letters(ctx context.Context) ([]chat.DeadLetter, error)
	Database(ctx context.Context) (chat.DatabaseState, error)
	Bus(ctx context.Context) (chat.BusState, error)
	Replicas(ctx context.Context) ([]chat.ReplicaFigures, error)
	Self() chat.ReplicaFigures
	Modes() []chat.ComponentMode
	Ready(ctx context.Context) error // nil while a message can be made durable
	// Settle replays or discards a dead letter that waits; one that doesn't stays as it is. NotFound for an unknown one.
	Settle(ctx context.Context, id, how string) error
	// Message says where one has been. NotFound when nobody knows it.
	Message(ctx context.Context, id uuid.UUID) (MessageTrace, error)
	Tables(ctx context.Context) ([]chat.TableInfo, error)
	// Table: NotFound for an unknown table, Invalid for an unknown page.
	Table(ctx context.Context, name, page string) (chat.TablePage, error)
}

// How a dead letter is settled.
const (
	Replay  = "replay"
	Discard = "discard"
)
