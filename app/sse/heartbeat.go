package sse

import (
	"context"
	"time"

	"parley/app/chat"
	"parley/app/loop"
	"parley/app/sse/frame"
)

// Each HTML stream has a heartbeat every wheelSlots × wheelTick = 4 s, so that a page notices
// within 10 s that two are missing. The heartbeats of all streams are spread evenly.
const (
	wheelSlots = 16
	wheelTick  = 250 * time.Millisecond

	// A JSON stream has a comment every commentTurns turns of the wheel, 24 s: it only
	// keeps proxies from closing the connection.
	commentTurns = 6
)

var heartbeatFrame = frame.Heartbeat(wheelSlots * wheelTick)

// timerWheel schedules the heartbeats of all streams with one timer. Guarded by the hub's
// lock.
type timerWheel struct{ slots [wheelSlots][]*stream }

func (w *timerWheel) add(s *stream, slot int) {
	s.slot, s.index = uint8(slot), int32(len(w.slots[slot]))
	w.slots[slot] = append(w.slots[slot], s)
}

func (w *timerWheel) remove(s *stream) {
	slot := w.slots[s.slot]
	last := len(slot) - 1
	slot[s.index] = slot[last]
	slot[s.index].index = s.index
	slot[last] = nil
	w.slots[s.slot] = slot[:last]
}

// Run sends heartbeats, and closes the streams whose clients have hung up, until ctx ends.
// It returns nil.
func (h *Hub) Run(ctx context.Context) error {
	defer h.stopWatching()
	slot, turn := 0, uint8(0)
	var due []*stream
	loop.Every(ctx, wheelTick, func(context.Context) {
		h.closeHungUp()

		h.mu.Lock()
		due = append(due[:0], h.wheel.slots[slot]...)
		h.mu.Unlock()

		for _, s := range due {
			if s.info.Format == chat.StreamHTML {
				s.heartbeat(heartbeatFrame)
			} else if s.turn == turn {
				s.heartbeat(frame.Comment)
			}
		}
		clear(due)

		if slot = (slot + 1) % wheelSlots; slot == 0 {
			turn = (turn + 1) % commentTurns
		}
	})
	return nil
}

func (h *Hub) stopWatching() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hangups.close()
}

// closeHungUp closes the streams whose clients have closed their side since the last call.
func (h *Hub) closeHungUp() {
	for _, fd := range h.hangups.take() {
		h.mu.Lock()
		s := h.watched[fd]
		h.mu.Unlock()

		if s != nil && peerClosed(s.conn) { // else the descriptor belongs to a newer connection
			s.hangUp()
		}
	}
}
