package chat

import (
	"context"

	"github.com/google/uuid"
)

// Message is one message of a conversation. Its JSON is the same in responses, in
// events and in the tail.
type Message struct {
	ID             uuid.UUID `json:"id"`
	ConversationID uuid.UUID `json:"conversation_id"`
	Seq            *int64    `json:"seq"`        // from 1, without gaps in its conversation; null until stored
	LogOffset      *int64    `json:"log_offset"` // in the conversation's log partition; null: it never was in the log
	ClientID       uuid.UUID `json:"client_id"`
	Sender         Person    `json:"sender"`
	Body           string    `json:"body"`
	SentAt         Timestamp `json:"sent_at"` // when the first replica received it
	Trace          string    `json:"-"`       // traceparent that travels beside it; "": none, or it was read back
}

// MessageStore keeps messages.
type MessageStore interface {
	// Messages returns a page, ascending by seq. newest means that no later message is
	// stored.
	Messages(ctx context.Context, conversation uuid.UUID, r Range) (messages []Message, newest bool, err error)
	// Known returns which of the messages are stored.
	Known(ctx context.Context, conversation uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error)
	// StoreDirect numbers and stores messages of one conversation in the given order, in
	// one transaction that holds the conversation's advisory lock. It drops known
	// messages. The result names all of them, with Offsets of those that have one.
	StoreDirect(ctx context.Context, conversation uuid.UUID, messages []Message) (StoredConversation, error)
}

func messageIDs(messages []Message) []uuid.UUID {
	ids := make([]uuid.UUID, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	return ids
}
