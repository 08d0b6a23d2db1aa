package sse

import (
	"context"
	"time"
)

// Heartbeats come every wheelSlots × wheelTick = 22.5 s for each stream, spread evenly.
const (
	wheelSlots = 90
	wheelTick  = 250 * time.Millisecond
)

// wheel is the one timer of all streams. Guarded by the hub's lock.
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

// Run sends heartbeats until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	ticker := time.NewTicker(wheelTick)
	defer ticker.Stop()
	var due []*stream
	for slot := 0; ; slot = (slot + 1) % wheelSlots {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		h.mu.Lock()
		due = append(due[:0], h.wheel.slots[slot]...)
		h.mu.Unlock()
		for _, s := range due {
			s.heartbeat()
		}
		clear(due)
	}
}
