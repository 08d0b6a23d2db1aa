package sse

import (
	"context"
	"time"

	"parley/app/loop"
)

// Each stream has a heartbeat every wheelSlots × wheelTick = 22.5 s. The heartbeats of all
// streams are spread evenly.
const (
	wheelSlots = 90
	wheelTick  = 250 * time.Millisecond
)

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

// Run sends heartbeats until ctx ends. It returns nil.
func (h *Hub) Run(ctx context.Context) error {
	slot := 0
	var due []*stream
	loop.Every(ctx, wheelTick, func(context.Context) {
		h.mu.Lock()
		due = append(due[:0], h.wheel.slots[slot]...)
		h.mu.Unlock()

		for _, s := range due {
			s.heartbeat()
		}
		clear(due)
		slot = (slot + 1) % wheelSlots
	})
	return nil
}
