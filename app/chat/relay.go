package chat

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// Hint is what reaches other replicas while the bus is away: that a conversation has messages up to a seq, which pages then fetch, or an
// event that nothing could be fetched for.
type RelayEvent struct {
	To             []uuid.UUID // whose streams; none: every replica's
	ConversationID uuid.UUID   // of the messages, unless there is an Event
	Seq            int64
	Event          Event
}

// RelayEventOf gives an event the form that it has without the bus. What only tells how things are at the moment has none: marks, presence, typing.
func RelayEventOf(e Event, to []uuid.UUID) (RelayEvent, bool) {
	switch e.(type) {
	case RequestEvent, FriendEvent, ResyncEvent, InvalidateEvent:
		return RelayEvent{To: to, Event: e}, true
	}
	return RelayEvent{}, false
}

// Hints are those of numbers that couldn't be published: one for each conversation.
func (s StoredConversation) RelayEvents() []RelayEvent {
	if len(s.Messages) == 0 {
		return nil
	}
	last := s.Messages[0].Seq
	for _, m := range s.Messages {
		last = max(last, m.Seq)
	}
	return []RelayEvent{{To: s.Members, ConversationID: s.ConversationID, Seq: last}}
}

// News is what streams are told.
func (h RelayEvent) StreamEvent() Event {
	if h.Event != nil {
		return h.Event
	}
	return ResyncEvent{ConversationID: &h.ConversationID}
}

// hintVersion is the newest record that this release understands and the one that it writes.
const relayVersion = 1

type relayRecord struct {
	V     int               `json:"v"`
	Hints []json.RawMessage `json:"hints"` // entries, which only a version that is known is read for
}

type relayEntry struct {
	To           []uuid.UUID     `json:"to,omitempty"`
	Conversation *uuid.UUID      `json:"conversation,omitempty"`
	Seq          int64           `json:"seq,omitempty"`
	Event        json.RawMessage `json:"event,omitempty"`
}

// EncodeRelayEvents packs hints, in their order, into records of at most so many bytes: {"v":1,"hints":[…]}. The people of one that is too long are
// spread over several, and an event that is makes them fetch.
func EncodeRelayEvents(hints []RelayEvent, most int) ([]string, error) {
	var records []string
	var pack []byte
	open, end := fmt.Sprintf(`{"v":%d,"hints":[`, relayVersion), "]}"
	for _, h := range hints {
		entries, err := encodeRelayEvent(h, most-len(open)-len(end))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if pack != nil && len(pack)+1+len(entry)+len(end) > most {
				records, pack = append(records, string(pack)+end), nil
			}
			if pack == nil {
				pack = append([]byte(open), entry...)
			} else {
				pack = append(append(pack, ','), entry...)
			}
		}
	}
	if pack != nil {
		records = append(records, string(pack)+end)
	}
	return records, nil
}

func encodeRelayEvent(h RelayEvent, most int) ([][]byte, error) {
	entry := relayEntry{To: h.To, Seq: h.Seq, Conversation: &h.ConversationID}
	if h.Event != nil {
		event, err := EncodeEvent(h.Event)
		if err != nil {
			return nil, err
		}
		entry.Event, entry.Conversation = event, nil
	}
	b, err := json.Marshal(entry)
	switch half := len(h.To) / 2; {
	case err != nil:
		return nil, err
	case len(b) <= most:
		return [][]byte{b}, nil
	case half == 0:
		return encodeRelayEvent(RelayEvent{To: h.To, Event: ResyncEvent{}}, most)
	default:
		one, other := h, h
		one.To, other.To = h.To[:half], h.To[half:]
		first, err := encodeRelayEvent(one, most)
		if err != nil {
			return nil, err
		}
		second, err := encodeRelayEvent(other, most)
		return append(first, second...), err
	}
}

// DecodeRelayEvents reads a record. One of a newer release becomes a resync of everybody; bytes that are no record are an error.
func DecodeRelayEvents(record string) ([]RelayEvent, error) {
	var r relayRecord
	if err := json.Unmarshal([]byte(record), &r); err != nil {
		return nil, fmt.Errorf("hints: %w", err)
	}
	if r.V > relayVersion {
		return []RelayEvent{{Event: ResyncEvent{}}}, nil
	}
	hints := make([]RelayEvent, 0, len(r.Hints))
	for _, raw := range r.Hints {
		var entry relayEntry
		if err := json.Unmarshal(raw, &entry); err != nil {
			return nil, fmt.Errorf("hints: %w", err)
		}
		h := RelayEvent{To: entry.To, Seq: entry.Seq}
		switch {
		case entry.Event != nil:
			e, err := DecodeEvent(entry.Event)
			if err != nil {
				return nil, err
			}
			h.Event = e
		case entry.Conversation != nil:
			h.ConversationID = *entry.Conversation
		default:
			h.Event = ResyncEvent{}
		}
		hints = append(hints, h)
	}
	return hints, nil
}
