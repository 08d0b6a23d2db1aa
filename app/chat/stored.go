package chat

import (
	"slices"

	"github.com/google/uuid"
)

// StoredID is a message's number.
type StoredID struct {
	ID  uuid.UUID `json:"id"`
	Seq int64     `json:"seq"`
}

// StoredConversation is what one transaction stored, or found stored, in one conversation.
type StoredConversation struct {
	ConversationID uuid.UUID
	Members        []uuid.UUID // who is told
	Messages       []StoredID  // known ids included, ascending by seq
	// The tail's members that may go: all up to Through (the log's writer, which sees a partition in order), or exactly
	// Offsets (a direct writer, which doesn't).
	Through *int64
	Offsets []int64
}

// Seq finds a message's number, nil when it isn't among them.
func (s StoredConversation) Seq(id uuid.UUID) *int64 {
	for _, m := range s.Messages {
		if m.ID == id {
			return &m.Seq
		}
	}
	return nil
}

// Events cuts the numbers into gapless runs: a message stored long ago and delivered again doesn't stretch the run of
// the new ones, which a page could then not apply.
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
		events = append(events, StoredEvent{ConversationID: s.ConversationID, From: m.Seq, To: m.Seq, Messages: []StoredID{m}})
	}
	return events
}
