package sse

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"parley/app/sse/frame"
)

// When the streams of a drained replica come back: within 5 s, and never most of them in one second, which another replica would feel.
const (
	minReconnectDelay = 200 * time.Millisecond
	maxReconnectDelay = 4 * time.Second
)

// Drain admits no more streams, and asks those open to reconnect elsewhere, each after a delay of its own, closing them spread over the
// given time. It returns when all are told, or ctx ends.
func (h *Hub) Drain(ctx context.Context, over time.Duration) {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	all := h.streamsOf(uuid.Nil)
	if len(all) == 0 {
		return
	}
	begin := time.Now()
	for i, s := range all {
		due := begin.Add(over * time.Duration(i) / time.Duration(len(all)))
		if wait := time.Until(due); wait > 5*time.Millisecond {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
		s.sendFinal(frame.Retry(minReconnectDelay + rand.N(maxReconnectDelay-minReconnectDelay)))
	}
	for h.Count() > 0 && ctx.Err() == nil {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}
