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
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Renderer turns an event into a stream's frame, for the person who caused it (own) or for the others; nil: nothing for this format.
type Renderer interface {
	Frame(format chat.StreamFormat, e chat.Event, own bool) []byte
}

// Subscriptions asks for the events of people who have streams here. Safe for
// concurrent use.
type Subscriptions interface {
	// Add asks for a person's events, once for each stream. Hub.Subscribed
	// follows when nothing is missed from then on.
	Add(person uuid.UUID)
	// Remove ends one Add.
	Remove(person uuid.UUID)
}

// Observer measures deliveries. Its methods return at once and are safe for
// concurrent use.
type Observer interface {
	// Delivered reports that a message was queued to a number of one person's
	// streams, at least one.
	Delivered(m chat.Message, streams int)
}

// Attendance is told of people's first and last stream here (Presence). It doesn't wait.
type Presence interface {
	Arrive(person uuid.UUID)
	Leave(person uuid.UUID)
}

// Limits of open streams; 0 is none.
type Limits struct {
	PerUser    int
	PerAddress int
}

// Hub holds this replica's open streams. An idle one costs its connection and about a hundred bytes, and no goroutine. Nothing here waits
// for a slow reader. Safe for concurrent use.
type Hub struct {
	subs         Subscriptions
	presence     Presence
	renderer     Renderer
	limits       Limits
	logger       *slog.Logger
	onInvalidate func(chat.InvalidateEvent)

	observer Observer      // nil: nobody's
	queued   atomic.Int64  // bytes that wait for readers
	stalled  atomic.Uint64 // readers closed because they didn't read

	mu        sync.Mutex // guards the fields below
	users     map[uuid.UUID]*recipient
	addresses map[netip.Addr]int
	wheel     timerWheel
	count     int
	down      []string
	draining  bool
}

// listener is a person with streams here.
type recipient struct {
	streams    []*stream
	subscribed bool
	reserved   int // streams admitted, attached or about to be
}

// NewHub makes an empty hub. onInvalidate is told what other replicas changed.
func NewHub(subs Subscriptions, attendance Presence, renderer Renderer, limits Limits, logger *slog.Logger, onInvalidate func(chat.InvalidateEvent)) *Hub {
	return &Hub{
		subs: subs, presence: attendance, renderer: renderer, limits: limits, logger: logger, onInvalidate: onInvalidate,
		users: map[uuid.UUID]*recipient{}, addresses: map[netip.Addr]int{},
	}
}

// Reserve admits a stream, or answers TooFast when a limit is reached, and Unavailable while draining. Every admitted stream must be attached, or
// released.
func (h *Hub) Reserve(s chat.Stream) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.users[s.Person]
	switch {
	case h.draining:
		return &chat.Error{Kind: chat.KindUnavailable, RetryAfter: time.Second, Detail: "This replica is stopping; another one answers."}
	case h.limits.PerUser > 0 && l != nil && l.reserved >= h.limits.PerUser:
		return &chat.Error{Kind: chat.KindTooFast, RetryAfter: 10 * time.Second, Detail: "Parley is open in too many windows. Close one of them."}
	case h.limits.PerAddress > 0 && h.addresses[s.Address] >= h.limits.PerAddress:
		return &chat.Error{Kind: chat.KindTooFast, RetryAfter: 10 * time.Second, Detail: "Too many windows are open at your address."}
	}
	if l == nil {
		l = &recipient{}
		h.users[s.Person] = l
	}
	l.reserved++
	h.addresses[s.Address]++
	return nil
}

// Release gives back a reservation that was not attached.
func (h *Hub) Release(s chat.Stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release(s)
}

func (h *Hub) release(s chat.Stream) {
	if h.addresses[s.Address]--; h.addresses[s.Address] <= 0 {
		delete(h.addresses, s.Address)
	}
	l := h.users[s.Person]
	if l.reserved--; l.reserved == 0 {
		delete(h.users, s.Person)
	}
}

// Attach takes over a connection on which the head of an event stream was written, for a reserved stream. The hub closes it.
func (h *Hub) Attach(conn net.Conn, s chat.Stream) {
	setUserTimeout(conn)
	st := &stream{hub: h, conn: conn, info: s}
	h.mu.Lock()
	l := h.users[s.Person]
	if l.streams = append(l.streams, st); len(l.streams) == 1 {
		h.presence.Arrive(s.Person) // in the lock: it must hear of both in their order
	}
	h.count++
	h.wheel.add(st, rand.IntN(wheelSlots))
	switch {
	case l.subscribed:
		h.sendReady(st)
	case slices.Contains(h.down, "redis"): // it hears hints from here on, and fetches what was before
		h.sendMode(st)
		st.send(h.renderer.Frame(s.Format, chat.ResyncEvent{}, false))
	}
	h.mu.Unlock()
	h.subs.Add(s.Person) // outside the lock: it writes to Redis
	h.log("stream open", st)
}

// greet says that from here on nothing is missed.
func (h *Hub) sendReady(st *stream) {
	st.ready = true
	st.send(h.renderer.Frame(st.info.Format, chat.ReadyEvent{}, false))
	h.sendMode(st)
}

// tellMode says what is away. To a page it says it even if nothing is: it may show what was so when it was made, or when its last stream ended.
func (h *Hub) sendMode(st *stream) {
	if len(h.down) > 0 || st.info.Format == chat.StreamHTML {
		st.send(h.renderer.Frame(st.info.Format, chat.ModeEvent{Down: h.down}, false))
	}
}

// remove forgets a stream; it may be called more than once.
func (h *Hub) remove(st *stream) {
	h.mu.Lock()
	l := h.users[st.info.Person]
	found := false
	if l != nil {
		for i, other := range l.streams {
			if other == st {
				last := len(l.streams) - 1
				l.streams[i], l.streams[last] = l.streams[last], nil
				l.streams = l.streams[:last]
				found = true
				break
			}
		}
	}
	if found {
		if h.count--; len(l.streams) == 0 {
			h.presence.Leave(st.info.Person)
		}
		h.wheel.remove(st)
		h.release(st.info)
	}
	h.mu.Unlock()
	if found {
		h.subs.Remove(st.info.Person)
		h.log("stream closed", st)
	}
}

// log is for those who look closely: people come and go all the time.
func (h *Hub) log(what string, st *stream) {
	if h.logger.Enabled(context.Background(), slog.LevelDebug) {
		h.logger.Debug(what, "person", st.info.Person, "session", st.info.Session)
	}
}

// Subscribed tells a person's new streams that they are ready, and the others that they may have missed something.
func (h *Hub) Subscribed(user uuid.UUID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.users[user]
	if l == nil {
		return
	}
	l.subscribed = true
	for _, st := range l.streams {
		if !st.ready {
			h.sendReady(st)
			continue
		}
		st.send(h.renderer.Frame(st.info.Format, chat.ResyncEvent{}, false))
	}
}

// Deliver sends an event to a person's streams, or (uuid.Nil) to all. It renders outside the lock; what one goroutine delivers
// arrives in its order.
func (h *Hub) Deliver(user uuid.UUID, e chat.Event) {
	if inv, ok := e.(chat.InvalidateEvent); ok {
		h.onInvalidate(inv)
		if inv.Session != nil {
			h.EndSession(*inv.Session)
		}
		return
	}
	f := frames{renderer: h.renderer, event: e, own: own(user, e)}
	streams := h.streamsOf(user)
	for _, st := range streams {
		st.send(f.in(st.info.Format))
	}
	if m, ok := e.(chat.MessageEvent); ok && h.observer != nil && len(streams) > 0 {
		h.observer.Delivered(m.Message, len(streams))
	}
}

// Observe has w hear of what is delivered. Not to be called once there are streams.
func (h *Hub) Observe(w Observer) { h.observer = w }

// Queued is how many bytes wait for their readers.
func (h *Hub) Queued() int64 { return h.queued.Load() }

// Stalled is how many readers were closed because they didn't read.
func (h *Hub) Stalled() uint64 { return h.stalled.Load() }

// streamsOf is a person's streams, or (uuid.Nil) everybody's.
func (h *Hub) streamsOf(user uuid.UUID) []*stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	if user != uuid.Nil {
		if l := h.users[user]; l != nil {
			return slices.Clone(l.streams)
		}
		return nil
	}
	all := make([]*stream, 0, h.count)
	for _, l := range h.users {
		all = append(all, l.streams...)
	}
	return all
}

// SetDown tells every stream which components are away.
func (h *Hub) SetDown(down []string) {
	h.mu.Lock()
	h.down = down
	h.mu.Unlock()
	h.Deliver(uuid.Nil, chat.ModeEvent{Down: down})
}

// EndSession closes the streams of an ended session, after telling them.
func (h *Hub) EndSession(session uuid.UUID) { h.EndSessions([]uuid.UUID{session}) }

// EndSessions closes the streams of ended sessions, looking at each stream once.
func (h *Hub) EndSessions(sessions []uuid.UUID) {
	ended := make(map[uuid.UUID]bool, len(sessions))
	for _, id := range sessions {
		ended[id] = true
	}
	f := frames{renderer: h.renderer, event: chat.SignOutEvent{}}
	for _, st := range h.streamsOf(uuid.Nil) {
		if ended[st.info.Session] {
			st.sendFinal(f.in(st.info.Format))
		}
	}
}

// Sessions names the sessions that have streams here.
func (h *Hub) Sessions() []uuid.UUID {
	known := map[uuid.UUID]bool{}
	var ids []uuid.UUID
	for _, st := range h.streamsOf(uuid.Nil) {
		if id := st.info.Session; !known[id] {
			known[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// Count is how many streams are open.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

// frames renders an event at most once for each format: every stream gets the same bytes.
type frames struct {
	renderer Renderer
	event    chat.Event
	own      bool
	bytes    [2][]byte
	done     [2]bool
}

func (f *frames) in(format chat.StreamFormat) []byte {
	if !f.done[format] {
		f.bytes[format], f.done[format] = f.renderer.Frame(format, f.event, f.own), true
	}
	return f.bytes[format]
}

func own(user uuid.UUID, e chat.Event) bool {
	m, ok := e.(chat.MessageEvent)
	return ok && m.Message.Sender.ID == user
}
