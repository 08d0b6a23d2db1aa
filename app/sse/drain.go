package sse

import (
	"context"
	"math/rand/v2"
	"time"

	"parley/app/chat"
	"parley/app/loop"
	"parley/app/sse/frame"
)

// Delay after which the clients of a drained replica reconnect. All are back within 5 s,
// spread out so that no second brings another replica most of them.
const (
	minReconnectDelay = 200 * time.Millisecond
	maxReconnectDelay = 4 * time.Second
)

// drainPollInterval is the time between two looks at the number of open streams. Shorter
// waits are skipped.
const drainPollInterval = 5 * time.Millisecond

// Drain admits no more streams. It closes the open ones, spread over the given time, after
// sending each a reconnect delay of its own. It returns when all are closed or ctx ends.
func (h *Hub) Drain(ctx context.Context, over time.Duration) {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()

	all := h.streamsOf(chat.Channel{})
	begin := time.Now()
	for i, s := range all {
		due := begin.Add(over * time.Duration(i) / time.Duration(len(all)))
		if wait := time.Until(due); wait > drainPollInterval {
			loop.Sleep(ctx, wait)
		}
		s.sendFinal(reconnectFrame())
	}

	for len(all) > 0 && h.Count() > 0 && ctx.Err() == nil {
		loop.Sleep(ctx, drainPollInterval)
	}
}

// reconnectFrame makes a client reconnect after a random delay.
func reconnectFrame() []byte {
	return frame.Retry(minReconnectDelay + rand.N(maxReconnectDelay-minReconnectDelay)) // #nosec G404 -- a delay
}
