package chat

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// relayVersion is the version of the records that this release writes, and the newest
// that it reads.
const relayVersion = 1

type relayRecord struct {
	V       int               `json:"v"`
	Entries []json.RawMessage `json:"hints"` // decoded only in a known version
}

type relayEntry struct {
	To           []uuid.UUID     `json:"to,omitempty"`
	Channel      *uuid.UUID      `json:"channel,omitempty"` // of the audience's conversation
	Conversation *uuid.UUID      `json:"conversation,omitempty"`
	Seq          int64           `json:"seq,omitempty"`
	Event        json.RawMessage `json:"event,omitempty"`
}

// EncodeRelayEvents packs events, in their order, into records of at most maxBytes:
// {"v":1,"hints":[…]}. An entry that is too long because of its people is split. An
// event that is too long becomes a ResyncEvent.
func EncodeRelayEvents(events []RelayEvent, maxBytes int) ([]string, error) {
	var records []string
	var pack []byte
	open, end := fmt.Sprintf(`{"v":%d,"hints":[`, relayVersion), "]}"
	for _, r := range events {
		entries, err := encodeRelayEvent(r, maxBytes-len(open)-len(end))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if pack != nil && len(pack)+1+len(entry)+len(end) > maxBytes {
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

func encodeRelayEvent(r RelayEvent, maxBytes int) ([][]byte, error) {
	entry := relayEntry{To: r.To.People, Seq: r.Seq}
	if r.To.Conversation != uuid.Nil {
		entry.Channel = &r.To.Conversation
	}
	if r.Event == nil {
		entry.Conversation = &r.ConversationID
	} else {
		event, err := EncodeEvent(r.Event)
		if err != nil {
			return nil, err
		}
		entry.Event = event
	}

	b, err := json.Marshal(entry)
	switch {
	case err != nil:
		return nil, err
	case len(b) <= maxBytes:
		return [][]byte{b}, nil
	}

	one, other, ok := halves(r)
	if !ok {
		return encodeRelayEvent(RelayEvent{To: r.To, Event: ResyncEvent{}}, maxBytes)
	}
	first, err := encodeRelayEvent(one, maxBytes)
	if err != nil {
		return nil, err
	}
	second, err := encodeRelayEvent(other, maxBytes)
	return append(first, second...), err
}

// halves divides the people whom an event goes to, or the members of an invalidation.
func halves(r RelayEvent) (one, other RelayEvent, ok bool) {
	one, other = r, r
	invalidate, _ := r.Event.(InvalidateEvent)
	if half := len(r.To.People) / 2; half > 0 {
		one.To, other.To = ToPeople(r.To.People[:half]...), ToPeople(r.To.People[half:]...)
		return one, other, true
	}
	if half := len(invalidate.Members) / 2; half > 0 {
		first, second := invalidate, invalidate
		first.Members, second.Members = invalidate.Members[:half], invalidate.Members[half:]
		one.Event, other.Event = first, second
		return one, other, true
	}
	return one, other, false
}

// DecodeRelayEvents decodes a record. A record of a newer version becomes a ResyncEvent
// for everybody. Bytes that are no record are an error.
func DecodeRelayEvents(record string) ([]RelayEvent, error) {
	var decoded relayRecord
	if err := json.Unmarshal([]byte(record), &decoded); err != nil {
		return nil, fmt.Errorf("relay record: %w", err)
	}

	if decoded.V > relayVersion {
		return []RelayEvent{{Event: ResyncEvent{}}}, nil
	}

	events := make([]RelayEvent, 0, len(decoded.Entries))
	for _, raw := range decoded.Entries {
		var entry relayEntry
		if err := json.Unmarshal(raw, &entry); err != nil {
			return nil, fmt.Errorf("relay record: %w", err)
		}
		r := RelayEvent{To: ToPeople(entry.To...), Seq: entry.Seq}
		if entry.Channel != nil {
			r.To = ToConversation(*entry.Channel)
		}
		switch {
		case entry.Event != nil:
			e, err := DecodeEvent(entry.Event)
			if err != nil {
				return nil, err
			}
			r.Event = e
		case entry.Conversation != nil:
			r.ConversationID = *entry.Conversation
		default:
			r.Event = ResyncEvent{}
		}
		events = append(events, r)
	}

	return events, nil
}
