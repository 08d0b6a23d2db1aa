package chat

import (
	"context"

	"github.com/google/uuid"
)

// Publisher sends events to people's streams on all replicas.
type Publisher interface {
	// Publish sends an event to the streams of an audience.
	Publish(ctx context.Context, e Event, to Audience)
}

// Broadcaster sends events to all replicas.
type Broadcaster interface {
	// Broadcast sends an event to every replica.
	Broadcast(ctx context.Context, e Event)
}

// MessageBus publishes messages and keeps each conversation's tail: the messages
// that are durable and not stored yet.
type MessageBus interface {
	Publisher
	// Announce publishes a durable message to its conversation's audience. A message of
	// the log is added to the conversation's tail first, unless the writer has stored it.
	Announce(ctx context.Context, m Message, to Audience)
	// Stored publishes the numbers of messages, then removes the messages from the
	// tails.
	Stored(ctx context.Context, batch []StoredConversation)
	// Pending returns a conversation's tail in log order. Beside an error it returns
	// the messages of this replica that are not in the tail yet.
	Pending(ctx context.Context, conversation uuid.UUID) ([]Message, error)
	// TailFull reports whether a conversation's tail has reached its maximum.
	TailFull(ctx context.Context, conversation uuid.UUID) bool
}

// Bus carries events between replicas and keeps the tails (Redis). Its writing
// methods don't fail: an event that could not be published is remembered, and the
// pages that it concerns are told to resync when the bus is available again. No call
// takes longer than its deadline (300 ms).
type Bus interface {
	MessageBus
	Broadcaster
}
