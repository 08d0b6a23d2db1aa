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

	Kind   MessageKind    `json:"kind"`             // of every message
	System *SystemMessage `json:"system,omitempty"` // of a MessageSystem, whose body is empty
}

// MessageKind is what a message is.
type MessageKind string

// Kinds of messages.
const (
	MessageText   MessageKind = "text"
	MessageSystem MessageKind = "system" // says what its sender did to the group
)

// SystemMessage is what a message of the system says. Its actor is the message's sender.
type SystemMessage struct {
	Event  SystemEvent `json:"event"`
	Person *Person     `json:"person"` // whom it concerns; null: nobody but its actor
	Actor  Person      `json:"actor"`
	Value  string      `json:"value"` // the new name or role; "" for other events
}

// SystemEvent is what happened to a group.
type SystemEvent string

// Events of system messages.
// Events of system messages.
const (
	SystemCreated SystemEvent = "created" // the value is the name
	SystemJoined  SystemEvent = "joined"  // added by the actor, unless it is the actor
	SystemLeft    SystemEvent = "left"    // the actor went
	SystemRemoved SystemEvent = "removed" // the person, by the actor
	SystemRenamed SystemEvent = "renamed" // the value is the new name
	SystemRole    SystemEvent = "role"    // the value is the person's new role
	SystemChanged SystemEvent = "changed" // other settings; the value names them
)

// MessageStore keeps messages.
type MessageStore interface {
	// Messages returns a page of what the viewer may read, ascending by seq. newest means
	// that no later message is stored that they may read.
	Messages(ctx context.Context, viewer, conversation uuid.UUID, r Range) (messages []Message, newest bool, err error)
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
