package sse

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Deliver sends an event to the streams that follow a channel. It renders outside the lock, at
// most once per format for the author of a message and once for everybody else. Events that one
// goroutine delivers arrive in order.
func (h *Hub) Deliver(from chat.Channel, e chat.Event) {
	if invalidate, ok := e.(chat.InvalidateEvent); ok {
		h.invalidate(invalidate)
		return
	}

	message, isMessage := e.(chat.MessageEvent)
	frames := frameCache{renderer: h.deps.Renderer, event: e}
	streams := h.streamsOf(from)
	for _, st := range streams {
		own := isMessage && message.Message.Sender.ID == st.info.Person
		st.send(frames.in(st.info.Format, own))
	}

	if isMessage && len(streams) > 0 {
		h.deps.Observer.Delivered(message.Message, len(streams))
	}
}

func (h *Hub) invalidate(e chat.InvalidateEvent) {
	h.deps.OnInvalidate(e)
	if e.Session != nil {
		h.EndSession(*e.Session)
	}
	if members := h.present(e.Members); len(members) > 0 {
		h.deps.Follows.ReadAgain(members...)
	}
}

func (h *Hub) sendReady(st *stream) {
	st.ready = true
	h.send(st, &h.ready)
	h.sendMode(st)
}

// sendMode sends the dependencies that are down. A page receives an empty list too,
// because it may still show an outage that is over.
func (h *Hub) sendMode(st *stream) {
	if len(h.down) > 0 || st.info.Format == chat.StreamHTML {
		h.send(st, &h.mode)
	}
}

func (h *Hub) send(st *stream, frames *frameCache) { st.send(frames.in(st.info.Format, false)) }

// relayed reports whether events come through the relay instead of subscriptions.
func (h *Hub) relayed() bool { return slices.Contains(h.down, "redis") }

// SetDown sends the dependencies that are down to all streams, now and when a stream
// opens.
func (h *Hub) SetDown(down []string) {
	h.mu.Lock()
	h.down = down
	h.mode = frameCache{renderer: h.deps.Renderer, event: chat.ModeEvent{Down: down}}
	h.mu.Unlock()
	h.Deliver(chat.Channel{}, chat.ModeEvent{Down: down})
}

// EndSession is EndSessions for one session.
func (h *Hub) EndSession(session uuid.UUID) { h.EndSessions([]uuid.UUID{session}) }

// EndSessions closes the streams of ended sessions after a sign-out event, and those that
// are reserved as soon as they are attached.
func (h *Hub) EndSessions(sessions []uuid.UUID) {
	var streams []*stream
	h.mu.Lock()
	for _, id := range sessions {
		if se := h.sessions[id]; se != nil {
			se.ended = true
			streams = append(streams, se.streams...)
		}
	}
	h.mu.Unlock()

	frames := frameCache{renderer: h.deps.Renderer, event: chat.SignOutEvent{}}
	for _, st := range streams {
		st.sendFinal(frames.in(st.info.Format, false))
	}
}

// Sessions returns the ids of the sessions that have streams here.
func (h *Hub) Sessions() []uuid.UUID {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.sessions))
}

// frameCache renders an event at most once per format and audience, its author and the others, so
// that all streams share the bytes.
type frameCache struct {
	renderer Renderer
	event    chat.Event
	frames   [2][2][]byte
	done     [2][2]bool
}

func (c *frameCache) in(format chat.StreamFormat, own bool) []byte {
	audience := 0
	if own {
		audience = 1
	}
	if !c.done[format][audience] {
		c.frames[format][audience] = c.renderer.Frame(format, c.event, own)
		c.done[format][audience] = true
	}
	return c.frames[format][audience]
}
