package sse

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Deliver sends an event to the streams that follow a channel. It renders outside the lock. Events that one goroutine delivers arrive in order.
func (h *Hub) Deliver(from chat.Channel, e chat.Event) {
	if invalidate, ok := e.(chat.InvalidateEvent); ok {
		h.deps.OnInvalidate(invalidate)
		if invalidate.Session != nil {
			h.EndSession(*invalidate.Session)
		}
		return
	}

	message, isMessage := e.(chat.MessageEvent)
	frames := frameCache{
		renderer: h.deps.Renderer,
		event:    e,
		own:      isMessage && message.Message.Sender.ID == from.Person,
	}

	streams := h.streamsOf(from)
	for _, st := range streams {
		st.send(frames.in(st.info.Format))
	}

	if isMessage && len(streams) > 0 {
		h.deps.Observer.Delivered(message.Message, len(streams))
	}
}

// Subscribed reports that no event of a channel is missed from now on. New streams
// receive a ready event. The others receive a resync event, because they may have missed
// events before.
func (h *Hub) Subscribed(to chat.Channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.people[to.Person]
	if r == nil {
		return
	}

	r.subscribed = true
	for _, st := range r.streams {
		if st.ready {
			h.send(st, chat.ResyncEvent{})
		} else {
			h.sendReady(st)
		}
	}
}

func (h *Hub) sendReady(st *stream) {
	st.ready = true
	h.send(st, chat.ReadyEvent{})
	h.sendMode(st)
}

// sendMode sends the dependencies that are down. A page receives an empty list too,
// because it may still show an outage that is over.
func (h *Hub) sendMode(st *stream) {
	if len(h.down) > 0 || st.info.Format == chat.StreamHTML {
		h.send(st, chat.ModeEvent{Down: h.down})
	}
}

func (h *Hub) send(st *stream, e chat.Event) {
	st.send(h.deps.Renderer.Frame(st.info.Format, e, false))
}

// SetDown sends the dependencies that are down to all streams, now and when a stream
// opens.
func (h *Hub) SetDown(down []string) {
	h.mu.Lock()
	h.down = down
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
		st.sendFinal(frames.in(st.info.Format))
	}
}

// Sessions returns the ids of the sessions that have streams here.
func (h *Hub) Sessions() []uuid.UUID {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.sessions))
}

// frameCache renders an event at most once per format, so that all streams share the
// bytes.
type frameCache struct {
	renderer Renderer
	event    chat.Event
	own      bool
	frames   [2][]byte
	done     [2]bool
}

func (c *frameCache) in(format chat.StreamFormat) []byte {
	if !c.done[format] {
		c.frames[format] = c.renderer.Frame(format, c.event, c.own)
		c.done[format] = true
	}
	return c.frames[format]
}
