package chat

import (
	"slices"

	"github.com/google/uuid"
)

// StoredID is the seq of a message.
type StoredID struct {
	ID  uuid.UUID `json:"id"`
	Seq int64     `json:"seq"`
}

// StoredConversation is what one transaction stored, or found stored, in one
// conversation.
type StoredConversation struct {
	ConversationID uuid.UUID
	Audience       Audience   // of the conversation's events
	Messages       []StoredID // known messages included, ascending by seq

	// The messages to remove from the tail: all up to Through (the log's writer, which
	// reads a partition in order), or exactly Offsets (a direct write).
	Through *int64
	Offsets []int64
}

// Seq returns a message's seq, or nil when it is not among the messages.
func (s StoredConversation) Seq(id uuid.UUID) *int64 {
	for _, m := range s.Messages {
		if m.ID == id {
			return &m.Seq
		}
	}
	return nil
}

// Events splits the messages into runs without gaps. A message that was stored long
// ago and delivered again gets a run of its own, because a page can't apply a run
// with a gap.
func (s StoredConversation) Events() []StoredEvent {
	messages := slices.Clone(s.Messages)
	slices.SortFunc(messages, func(a, b StoredID) int { return int(a.Seq - b.Seq) })

	var events []StoredEvent
	for _, m := range messages {
		if n := len(events); n > 0 && m.Seq <= events[n-1].To+1 {
			if m.Seq > events[n-1].To {
				events[n-1].To = m.Seq
				events[n-1].Messages = append(events[n-1].Messages, m)
			}
			continue
		}
		events = append(events, StoredEvent{
			ConversationID: s.ConversationID,
			From:           m.Seq,
			To:             m.Seq,
			Messages:       []StoredID{m},
		})
	}

	return events
}
