// Package sse holds the open event streams of one replica. It knows neither Redis nor
// HTML: subscriptions and rendering are its ports.
package sse

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Renderer encodes events for streams.
type Renderer interface {
	// Frame returns the frame of an event, or nil if the format has none for it. own is
	// true for the person who caused the event.
	Frame(format chat.StreamFormat, e chat.Event, own bool) []byte
}

// Subscriptions requests the events of channels. The hub calls it for one change at a time, in
// their order.
type Subscriptions interface {
	// Add requests a channel's events. Hub.Subscribed follows when no event is missed from
	// then on.
	Add(channel chat.Channel)
	// Remove undoes one Add.
	Remove(channel chat.Channel)
}

// Follows reads which conversations people follow: those with a channel of their own of which they
// are present members. Its methods return at once and are safe for concurrent use.
type Follows interface {
	// Arrive reads what a person follows whose first stream opens. Hub.Follow or Hub.FollowLater
	// ends the wait of the person's streams.
	Arrive(person uuid.UUID)
	// ReadAgain reads what people follow who have streams here. It may have changed.
	ReadAgain(people ...uuid.UUID)
}

// noFollows is for a hub whose people follow nothing.
type noFollows struct{ hub *Hub }

func (f noFollows) Arrive(person uuid.UUID) { f.hub.Follow(person, nil) }
func (noFollows) ReadAgain(...uuid.UUID)    {}

// Presence receives the first and the last stream of each person here. Its methods
// return at once.
type Presence interface {
	Arrive(person uuid.UUID)
	Leave(person uuid.UUID)
}

// Observer measures deliveries. Its methods return at once and are safe for
// concurrent use.
type Observer interface {
	// Delivered reports that a message of a channel was queued to a number of streams, at
	// least one.
	Delivered(m chat.Message, streams int)
}

type noObserver struct{}

func (noObserver) Delivered(chat.Message, int) {}

// Deps are the dependencies of a hub.
type Deps struct {
	Subscriptions Subscriptions
	Presence      Presence
	Renderer      Renderer
	// Follows may be nil: people follow no conversation.
	Follows Follows
	// OnInvalidate receives what other replicas changed.
	OnInvalidate func(chat.InvalidateEvent)
	// Observer may be nil.
	Observer Observer
	Logger   *slog.Logger
}

// Limits of open streams. 0 means no limit.
type Limits struct {
	PerUser    int
	PerAddress int
}

// Hub holds this replica's open streams, by person and by the conversations that they follow. An
// idle stream costs its connection and about a hundred bytes, and no goroutine. No method waits
// for a slow reader. Safe for concurrent use.
type Hub struct {
	deps   Deps
	limits Limits

	hangups     hangups
	queuedBytes atomic.Int64
	stalled     atomic.Uint64

	mu            sync.Mutex // guards the fields below
	people        map[uuid.UUID]*recipient
	conversations map[uuid.UUID]*conversation // those that people with streams here follow
	sessions      map[uuid.UUID]*session
	networks      map[netip.Prefix]int // streams by limit.Network
	wheel         timerWheel
	watched       map[int32]*stream // streams whose end hangups reports, by descriptor
	count         int
	down          []string
	draining      bool

	ready, resync, mode frameCache // of the events that the hub itself sends
	subscribing         subscriptionChanges
}

// recipient is a person with streams here. Its size counts, because most people have one stream.
type recipient struct {
	streams []*stream // the oldest first
	follows map[uuid.UUID]*conversation

	reserved    int32 // streams that are attached or about to be
	evicted     int32 // streams that are attached, and end for newer ones
	unconfirmed int32 // conversations in follows without a confirmed subscription

	requested  bool // the person's channel, and a reading of what they follow
	subscribed bool // to the person's channel
	known      bool // what they follow was read, or can't be read now
}

// session is a session with streams here. It ends them without a look at those of others.
type session struct {
	streams  []*stream
	reserved int  // streams that are attached or about to be
	ended    bool // a stream that is attached now is closed at once
}

// NewHub returns a hub without streams. Heartbeats need Run.
func NewHub(deps Deps, limits Limits) *Hub {
	if deps.Observer == nil {
		deps.Observer = noObserver{}
	}
	h := &Hub{
		deps:          deps,
		limits:        limits,
		people:        map[uuid.UUID]*recipient{},
		conversations: map[uuid.UUID]*conversation{},
		sessions:      map[uuid.UUID]*session{},
		networks:      map[netip.Prefix]int{},
		hangups:       newHangups(),
		watched:       map[int32]*stream{},

		ready:  frameCache{renderer: deps.Renderer, event: chat.ReadyEvent{}},
		resync: frameCache{renderer: deps.Renderer, event: chat.ResyncEvent{}},
		mode:   frameCache{renderer: deps.Renderer, event: chat.ModeEvent{}},
	}
	if deps.Follows == nil {
		h.deps.Follows = noFollows{h}
	}
	return h
}

// Attach takes over a connection on which the head of the response was written, for a
// reserved stream. The hub closes the connection, at once if the session has ended or the
// hub drains since the reservation.
func (h *Hub) Attach(conn net.Conn, s chat.Stream) {
	setUserTimeout(conn)
	st := &stream{hub: h, conn: conn, info: s}

	h.mu.Lock()
	if st.fd = h.hangups.watch(conn); st.fd >= 0 {
		h.watched[st.fd] = st
	}

	r := h.people[s.Person]
	if r.streams = append(r.streams, st); len(r.streams) == 1 {
		h.deps.Presence.Arrive(s.Person) // under the lock, so that Arrive and Leave keep their order
	}

	first := !r.requested
	if first {
		r.requested = true
		h.subscribing.add(chat.Channel{Person: s.Person})
	}

	se := h.sessions[s.Session]
	se.streams = append(se.streams, st)
	ended, draining := se.ended, h.draining

	h.count++
	h.wheel.add(st, rand.IntN(wheelSlots))
	st.turn = uint8(rand.IntN(commentTurns))
	switch {
	case r.complete():
		h.sendReady(st)
	case h.relayed():
		// The relay brings events from here on. A resync fetches those before.
		h.sendMode(st)
		h.send(st, &h.resync)
	}
	h.mu.Unlock()

	h.subscribe()
	if first {
		h.deps.Follows.Arrive(s.Person)
	}
	h.log("stream open", st)
	switch {
	case ended:
		st.sendFinal(h.deps.Renderer.Frame(s.Format, chat.SignOutEvent{}, false))
	case draining:
		st.sendFinal(reconnectFrame())
	}
}

// remove detaches a stream. Further calls for the same stream have no effect.
func (h *Hub) remove(st *stream) {
	h.mu.Lock()
	removed := h.detach(st)
	h.mu.Unlock()
	if removed {
		h.subscribe()
		h.log("stream closed", st)
	}
}

func (h *Hub) detach(st *stream) bool {
	r := h.people[st.info.Person]
	if r == nil {
		return false
	}

	var found bool
	if r.streams, found = without(r.streams, st); !found {
		return false
	}

	se := h.sessions[st.info.Session]
	se.streams, _ = without(se.streams, st)
	if h.count--; len(r.streams) == 0 {
		h.deps.Presence.Leave(st.info.Person)
	}

	if st.evicted {
		r.evicted--
	}
	if h.watched[st.fd] == st { // else a newer connection has the descriptor
		delete(h.watched, st.fd)
	}

	h.wheel.remove(st)
	h.release(st.info)
	return true
}

// without removes a stream from a list, which keeps its order: the oldest is first.
func without(list []*stream, st *stream) (rest []*stream, found bool) {
	i := slices.Index(list, st)
	if i < 0 {
		return list, false
	}
	return slices.Delete(list, i, i+1), true
}

// log writes at debug level only, because streams open and close all the time.
func (h *Hub) log(event string, st *stream) {
	if h.deps.Logger.Enabled(context.Background(), slog.LevelDebug) {
		h.deps.Logger.Debug(event, "person", st.info.Person, "session", st.info.Session)
	}
}

// streamsOf returns the streams that follow a channel.
func (h *Hub) streamsOf(channel chat.Channel) []*stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case channel.Conversation != uuid.Nil:
		return h.conversations[channel.Conversation].streams()
	case channel.Person != uuid.Nil:
		if r := h.people[channel.Person]; r != nil {
			return slices.Clone(r.streams)
		}
		return nil
	}

	all := make([]*stream, 0, h.count)
	for _, r := range h.people {
		all = append(all, r.streams...)
	}
	return all
}

// Count returns the number of open streams.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

// People returns the ids of everyone who has streams here.
func (h *Hub) People() []uuid.UUID {
	h.mu.Lock()
	defer h.mu.Unlock()
	people := make([]uuid.UUID, 0, len(h.people))
	for id, r := range h.people {
		if len(r.streams) > 0 {
			people = append(people, id)
		}
	}
	return people
}

// Queued returns the number of bytes that wait for their readers.
func (h *Hub) Queued() int64 { return h.queuedBytes.Load() }

// Stalled returns how many streams were closed because their readers did not keep up.
func (h *Hub) Stalled() uint64 { return h.stalled.Load() }
