package chat

import "github.com/google/uuid"

// RelayEvent is what reaches other replicas through Postgres while the bus is down:
// either that a conversation has messages up to a seq, which pages then fetch, or an
// event.
type RelayEvent struct {
	To             Audience  // nobody: every replica
	ConversationID uuid.UUID // of the messages; unused with an Event
	Seq            int64
	Event          Event
}

// RelayEventOf returns the RelayEvent of an event. ok is false for a kind that is not
// relayed.
func RelayEventOf(e Event, to Audience) (r RelayEvent, ok bool) {
	if !eventKinds[e.Kind()].relayed {
		return RelayEvent{}, false
	}
	return RelayEvent{To: to, Event: e}, true
}

// RelayEvents returns the RelayEvent of seqs that could not be published, one for a
// conversation.
func (s StoredConversation) RelayEvents() []RelayEvent {
	if len(s.Messages) == 0 {
		return nil
	}
	last := s.Messages[0].Seq
	for _, m := range s.Messages {
		last = max(last, m.Seq)
	}
	return []RelayEvent{{To: s.Audience, ConversationID: s.ConversationID, Seq: last}}
}

// StreamEvent returns the event for people's streams.
func (r RelayEvent) StreamEvent() Event {
	if r.Event != nil {
		return r.Event
	}
	return ResyncEvent{ConversationID: &r.ConversationID}
}
