package chat

import "github.com/google/uuid"

// Event is something that happened, on its way to people's streams. Encoded with
// encoding/json, it is the data of its JSON frame.
type Event interface {
	// Kind returns the event's kind.
	Kind() EventKind
}

type (
	// ReadyEvent is the first event of a stream. No later event is missed.
	ReadyEvent struct{}

	// MessageEvent carries a durable message.
	MessageEvent struct {
		Message Message `json:"message"`
	}

	// StoredEvent gives messages their seqs, a run without gaps.
	StoredEvent struct {
		ConversationID uuid.UUID  `json:"conversation_id"`
		From           int64      `json:"from"`
		To             int64      `json:"to"`
		Messages       []StoredID `json:"messages"`
	}

	// ReadEvent says that a person has seen everything up to Seq.
	ReadEvent struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Person         uuid.UUID `json:"person"`
		Seq            int64     `json:"seq"`
	}

	// DeliveredEvent says that one of a person's pages has everything up to Seq.
	DeliveredEvent ReadEvent

	// RequestEvent notifies a person that a friend request by or to them has changed.
	RequestEvent struct {
		Request  RequestChange `json:"request"`
		Incoming int64         `json:"incoming"` // pending requests to the notified person
		Unread   int64         `json:"unread"`   // messages, so that a page can show the sum
	}

	// RequestChange is the request of a RequestEvent, as the notified person may see it.
	RequestChange struct {
		ID     uuid.UUID `json:"id"`
		Person Person    `json:"person"` // the other person
		State  string    `json:"state"`  // "pending", "accepted", "declined", "cancelled"
		Mine   bool      `json:"mine"`   // the notified person sent it
	}

	// FriendEvent says that Person and the notified person are friends now, or no longer.
	// Their conversation is writable, or read-only.
	FriendEvent struct {
		Person         Person     `json:"person"`
		State          string     `json:"state"` // "friends", "none"
		ConversationID *uuid.UUID `json:"conversation_id"`
		Mine           bool       `json:"mine"` // the notified person did it
	}

	// PresenceEvent says that a friend came online or went offline.
	PresenceEvent struct {
		Person   uuid.UUID `json:"person"`
		Presence Presence  `json:"presence"`
		LastSeen string    `json:"last_seen,omitempty"` // RFC 3339, to the minute; "": online, or hidden
	}

	// TypingEvent says that a person is typing. It is repeated every few seconds and
	// expires on the page.
	TypingEvent struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Person         uuid.UUID `json:"person"`
	}

	// ConversationEvent says that a person's arrangement of a conversation, or the settings of
	// a group have changed.
	ConversationEvent struct {
		ConversationID uuid.UUID `json:"conversation_id"`
	}

	// MemberEvent says that a person has joined or left a group, or has another role there.
	MemberEvent struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Person         uuid.UUID `json:"person"`
		State          string    `json:"state"` // "joined", "left", "removed", "changed"
		Role           Role      `json:"role"`  // "": no longer present
	}

	// ReturnedEvent notifies a sender that their message can't be stored.
	ReturnedEvent Returned

	// ModeEvent names the dependencies that are down: "redis", "kafka", "postgres".
	ModeEvent struct {
		Down []string `json:"down"` // empty: all are available
	}

	// ResyncEvent says that events may have been missed.
	ResyncEvent struct {
		ConversationID *uuid.UUID `json:"conversation_id"` // null: in any conversation
	}

	// SignOutEvent is the last event of a stream whose session has ended.
	SignOutEvent struct{}

	// InvalidateEvent makes every replica forget what it has cached of a session that has
	// ended (and close its streams), of a person whose name or settings changed, or of a
	// conversation. Members are people who have joined or left the conversation, or who are
	// reached by its channel from now on: a replica with streams of theirs reads again which
	// channels they follow.
	InvalidateEvent struct {
		Session      *uuid.UUID  `json:"session,omitempty"`
		Person       *uuid.UUID  `json:"person,omitempty"`
		Conversation *uuid.UUID  `json:"conversation,omitempty"`
		Members      []uuid.UUID `json:"members,omitempty"`
	}
)

// Kind returns EventReady.
func (ReadyEvent) Kind() EventKind { return EventReady }

// Kind returns EventMessage.
func (MessageEvent) Kind() EventKind { return EventMessage }

// Kind returns EventStored.
func (StoredEvent) Kind() EventKind { return EventStored }

// Kind returns EventRead.
func (ReadEvent) Kind() EventKind { return EventRead }

// Kind returns EventDelivered.
func (DeliveredEvent) Kind() EventKind { return EventDelivered }

// Kind returns EventRequest.
func (RequestEvent) Kind() EventKind { return EventRequest }

// Kind returns EventFriend.
func (FriendEvent) Kind() EventKind { return EventFriend }

// Kind returns EventPresence.
func (PresenceEvent) Kind() EventKind { return EventPresence }

// Kind returns EventTyping.
func (TypingEvent) Kind() EventKind { return EventTyping }

// Kind returns EventConversation.
func (ConversationEvent) Kind() EventKind { return EventConversation }

// Kind returns EventMember.
func (MemberEvent) Kind() EventKind { return EventMember }

// Kind returns EventReturned.
func (ReturnedEvent) Kind() EventKind { return EventReturned }

// Kind returns EventMode.
func (ModeEvent) Kind() EventKind { return EventMode }

// Kind returns EventResync.
func (ResyncEvent) Kind() EventKind { return EventResync }

// Kind returns EventSignOut.
func (SignOutEvent) Kind() EventKind { return EventSignOut }

// Kind returns EventInvalidate.
func (InvalidateEvent) Kind() EventKind { return EventInvalidate }
