package chat

import (
	"encoding/json"
	"maps"
	"slices"
)

// EventKind is the name of an event, in streams and between replicas.
type EventKind string

// Kinds of events.
const (
	EventReady        EventKind = "ready"        // the first of a stream
	EventMessage      EventKind = "message"      // a durable message
	EventStored       EventKind = "stored"       // the seqs of messages
	EventRead         EventKind = "read"         // a read mark moved
	EventDelivered    EventKind = "delivered"    // a delivered mark moved
	EventRequest      EventKind = "request"      // a friend request changed
	EventFriend       EventKind = "friend"       // a friendship began or ended
	EventPresence     EventKind = "presence"     // a friend came or went
	EventTyping       EventKind = "typing"       // a member is typing
	EventConversation EventKind = "conversation" // a person's arrangement of a conversation, or a group's settings changed
	EventMember       EventKind = "member"       // a group's member came, went or has another role
	EventReturned     EventKind = "returned"     // a message of the person's can't be stored
	EventMode         EventKind = "mode"         // which dependencies are down
	EventResync       EventKind = "resync"       // events may have been missed
	EventSignOut      EventKind = "signout"      // the session has ended
	EventInvalidate   EventKind = "invalidate"   // between replicas: cached values changed
)

// HTMLPayload is the data of an event in an HTML stream. A JSON stream always has JSON.
type HTMLPayload string

// Payloads of an event in an HTML stream.
const (
	PayloadNone     HTMLPayload = ""         // the event is for replicas and not sent to streams
	PayloadJSON     HTMLPayload = "json"     // a script reads it
	PayloadMessage  HTMLPayload = "message"  // a message row, which a conversation's script inserts
	PayloadFragment HTMLPayload = "fragment" // a fragment, which htmx swaps on every page
)

// eventKind is what the program knows of a kind.
type eventKind struct {
	decode func(json.RawMessage) (Event, error)

	// relayed events reach other replicas through Postgres while Redis is down. The
	// others are not relayed: messages and numbers have a RelayEvent of their own, and
	// the rest (marks, presence, typing) is only valid for the moment.
	relayed bool

	html HTMLPayload
}

// eventKinds has a row for each kind.
var eventKinds = map[EventKind]eventKind{
	EventReady:        {decodeEmpty[ReadyEvent], false, PayloadJSON},
	EventMessage:      {decode[MessageEvent], false, PayloadMessage},
	EventStored:       {decode[StoredEvent], false, PayloadJSON},
	EventRead:         {decode[ReadEvent], false, PayloadJSON},
	EventDelivered:    {decode[DeliveredEvent], false, PayloadJSON},
	EventRequest:      {decode[RequestEvent], true, PayloadFragment},
	EventFriend:       {decode[FriendEvent], true, PayloadFragment},
	EventPresence:     {decode[PresenceEvent], false, PayloadJSON},
	EventTyping:       {decode[TypingEvent], false, PayloadJSON},
	EventConversation: {decode[ConversationEvent], true, PayloadJSON},
	EventMember:       {decode[MemberEvent], true, PayloadJSON},
	EventReturned:     {decode[ReturnedEvent], false, PayloadJSON},
	EventMode:         {decode[ModeEvent], false, PayloadFragment},
	EventResync:       {decode[ResyncEvent], true, PayloadJSON},
	EventSignOut:      {decodeEmpty[SignOutEvent], false, PayloadJSON},
	EventInvalidate:   {decode[InvalidateEvent], true, PayloadNone},
}

// EventKinds returns every kind, in alphabetical order.
func EventKinds() []EventKind { return slices.Sorted(maps.Keys(eventKinds)) }

// HTML returns the payload of the kind's events in an HTML stream.
func (k EventKind) HTML() HTMLPayload { return eventKinds[k].html }
