package chat

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// EventKind is an event's name in a stream.
type EventKind string

const (
	EventReady      EventKind = "ready"
	EventMessage    EventKind = "message"
	EventStored     EventKind = "stored"
	EventRead       EventKind = "read"
	EventDelivered  EventKind = "delivered"
	EventRequest    EventKind = "request"
	EventFriend     EventKind = "friend"
	EventPresence   EventKind = "presence"
	EventTyping     EventKind = "typing"
	EventReturned   EventKind = "returned"
	EventMode       EventKind = "mode"
	EventResync     EventKind = "resync"
	EventSignOut    EventKind = "signout"
	EventInvalidate EventKind = "invalidate" // between replicas only
)

// Event is something that happened, on its way to people's streams. Encoded with encoding/json, each gives the data of its JSON frame.
type Event interface{ Kind() EventKind }

type (
	// ReadyEvent is a stream's first: from here on nothing is missed.
	ReadyEvent struct{}
	// MessageEvent carries a message that is durable.
	MessageEvent struct {
		Message Message `json:"message"`
	}
	// StoredEvent gives a gapless run of numbers to messages.
	StoredEvent struct {
		ConversationID uuid.UUID  `json:"conversation_id"`
		From           int64      `json:"from"`
		To             int64      `json:"to"`
		Messages       []StoredID `json:"messages"`
	}
	// ReadEvent says that a person has seen everything to Seq.
	ReadEvent struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Person         uuid.UUID `json:"person"`
		Seq            int64     `json:"seq"`
	}
	// DeliveredEvent says that one of a person's pages has everything to Seq.
	DeliveredEvent ReadEvent
	// RequestEvent tells a person that a request of theirs or to them changed; Person is the other one, Incoming how many now wait for an
	// answer of this person. State is as this person may see it.
	RequestEvent struct {
		Request  RequestChange `json:"request"`
		Incoming int64         `json:"incoming"`
		Unread   int64         `json:"unread"` // messages, so that a page can show the sum
	}
	// RequestChange is the part of a RequestEvent that names the request.
	RequestChange struct {
		ID     uuid.UUID `json:"id"`
		Person Person    `json:"person"`
		State  string    `json:"state"` // "pending", "accepted", "declined", "cancelled"
		Mine   bool      `json:"mine"`  // the one who is told had asked
	}
	// FriendEvent says that Person and the one who is told are friends now, or no longer, and so may or may not write in their conversation.
	FriendEvent struct {
		Person         Person     `json:"person"`
		State          string     `json:"state"` // "friends", "none"
		ConversationID *uuid.UUID `json:"conversation_id"`
	}
	// PresenceEvent says that a friend came or went. LastSeen is "today" of one who went, "" of one who no longer shows it.
	PresenceEvent struct {
		Person   uuid.UUID `json:"person"`
		Presence Presence  `json:"presence"`
		LastSeen string    `json:"last_seen,omitempty"`
	}
	// TypingEvent says that a person is writing; it is said again every few seconds while they do, and expires by itself.
	TypingEvent struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Person         uuid.UUID `json:"person"`
	}
	// ReturnedEvent tells a sender that their message can't be stored.
	ReturnedEvent Returned
	// ModeEvent names the components that are down: "redis", "kafka", "postgres". Empty: all is well.
	ModeEvent struct {
		Down []string `json:"down"`
	}
	// ResyncEvent says that something may have been missed, in one conversation or (null) anywhere.
	ResyncEvent struct {
		ConversationID *uuid.UUID `json:"conversation_id"`
	}
	// SignOutEvent ends a stream whose session has ended.
	SignOutEvent struct{}
	// InvalidateEvent tells every replica to forget what it has cached of a session (closing its streams: it has ended), of a person (whose
	// name or settings changed), or of a conversation.
	InvalidateEvent struct {
		Session      *uuid.UUID `json:"session,omitempty"`
		Person       *uuid.UUID `json:"person,omitempty"`
		Conversation *uuid.UUID `json:"conversation,omitempty"`
	}
)

func (ReadyEvent) Kind() EventKind      { return EventReady }
func (MessageEvent) Kind() EventKind    { return EventMessage }
func (StoredEvent) Kind() EventKind     { return EventStored }
func (ReadEvent) Kind() EventKind       { return EventRead }
func (DeliveredEvent) Kind() EventKind  { return EventDelivered }
func (RequestEvent) Kind() EventKind    { return EventRequest }
func (FriendEvent) Kind() EventKind     { return EventFriend }
func (PresenceEvent) Kind() EventKind   { return EventPresence }
func (TypingEvent) Kind() EventKind     { return EventTyping }
func (ReturnedEvent) Kind() EventKind   { return EventReturned }
func (ModeEvent) Kind() EventKind       { return EventMode }
func (ResyncEvent) Kind() EventKind     { return EventResync }
func (SignOutEvent) Kind() EventKind    { return EventSignOut }
func (InvalidateEvent) Kind() EventKind { return EventInvalidate }

// eventVersion is the newest record that this release understands and the one that it writes.
const eventVersion = 1

type envelope struct {
	V     int             `json:"v"`
	Kind  EventKind       `json:"kind"`
	Trace string          `json:"trace"` // of a message; releases before it read past it
	Data  json.RawMessage `json:"data"`
}

// EncodeEvent gives an event its form between replicas: {"v":1,"kind":"message","data":{…}}.
func EncodeEvent(e Event) ([]byte, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	// By hand: encoding/json would read all of data again to compact it.
	return fmt.Appendf(make([]byte, 0, len(data)+64), `{"v":%d,"kind":%q,"data":%s}`, eventVersion, string(e.Kind()), data), nil
}

// EncodeMessageEvent is EncodeEvent of a MessageEvent whose message is in JSON already: it goes into the tail in that form too. Its trace, if it has
// one, goes beside it.
func EncodeMessageEvent(message json.RawMessage, trace string) []byte {
	if trace != "" {
		trace = fmt.Sprintf(`"trace":%q,`, trace)
	}
	return fmt.Appendf(make([]byte, 0, len(message)+128), `{"v":%d,"kind":%q,%s"data":{"message":%s}}`, eventVersion, string(EventMessage), trace, message)
}

// DecodeEvent reads what EncodeEvent wrote. An event that this release doesn't know, by its name or a newer version, becomes a
// ResyncEvent: the pages fetch what it may have said. Bytes that are no event are an error.
func DecodeEvent(b []byte) (Event, error) {
	var env envelope
	if err := json.Unmarshal(b, &env); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	if env.V > eventVersion {
		return ResyncEvent{}, nil
	}
	switch env.Kind {
	case EventReady:
		return ReadyEvent{}, nil
	case EventMessage:
		e, err := decode[MessageEvent](env)
		if m, ok := e.(MessageEvent); ok {
			m.Message.Trace = env.Trace
			e = m
		}
		return e, err
	case EventStored:
		return decode[StoredEvent](env)
	case EventRead:
		return decode[ReadEvent](env)
	case EventDelivered:
		return decode[DeliveredEvent](env)
	case EventRequest:
		return decode[RequestEvent](env)
	case EventFriend:
		return decode[FriendEvent](env)
	case EventPresence:
		return decode[PresenceEvent](env)
	case EventTyping:
		return decode[TypingEvent](env)
	case EventReturned:
		return decode[ReturnedEvent](env)
	case EventMode:
		return decode[ModeEvent](env)
	case EventResync:
		return decode[ResyncEvent](env)
	case EventSignOut:
		return SignOutEvent{}, nil
	case EventInvalidate:
		return decode[InvalidateEvent](env)
	}
	return ResyncEvent{}, nil
}

func decode[E Event](env envelope) (Event, error) {
	var e E
	if err := json.Unmarshal(env.Data, &e); err != nil {
		return nil, fmt.Errorf("%s event: %w", env.Kind, err)
	}
	return e, nil
}
