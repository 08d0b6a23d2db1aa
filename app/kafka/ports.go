package kafka

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// BatchStore stores a batch in one transaction (postgres.Writer). An error that wraps
// chat.ErrContent is final for the batch's messages.
type BatchStore interface {
	StoreBatch(ctx context.Context, messages []chat.Message) ([]chat.StoredConversation, error)
	Forget()
}

// Publisher publishes that messages are stored and removes them from the tails (redis.Bus).
type Publisher interface {
	Stored(ctx context.Context, batch []chat.StoredConversation)
}

// Returner returns messages that cannot be stored to their senders (chat.Messages).
type Returner interface {
	// ReturnMessage is idempotent. After an error it must be called again.
	ReturnMessage(ctx context.Context, m chat.Message, cause error) error
	// StoredAfterAll revokes the return of messages that were stored later.
	StoredAfterAll(ctx context.Context, ids []uuid.UUID)
}

// Observer receives the events of a MessageWriter. Its methods must not block and must be safe
// for concurrent use.
type Observer interface {
	// Stored receives the messages of one transaction, whether it stored them or found them
	// stored.
	Stored(messages []chat.Message, stored []chat.StoredConversation, began, ended time.Time)
	// DeadLettered is called once per dead letter.
	DeadLettered()
	// Assigned receives the number of partitions that the consumer has now.
	Assigned(partitions int)
}

type noopObserver struct{}

func (noopObserver) Stored([]chat.Message, []chat.StoredConversation, time.Time, time.Time) {}
func (noopObserver) DeadLettered()                                                          {}
func (noopObserver) Assigned(int)                                                           {}
