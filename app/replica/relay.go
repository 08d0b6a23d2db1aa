package replica

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// How long a lost listener waits before it tries again: at first, and at most, so that an ended session is heard of within 5 s.
const (
	listenFirst = 100 * time.Millisecond
	maxListen   = 2 * time.Second
)

// hearHints listens for what other replicas can't say by way of Redis, always, since who can't may be known there alone.
func (n *Replica) hearHints(ctx context.Context) {
	wait, lost := listenFirst, false
	for ctx.Err() == nil {
		err := n.store.Listen(ctx, func() {
			if lost {
				n.Logger.Info("hints are heard again")
			}
			wait, lost = listenFirst, false
			n.missedHints(ctx)
		}, n.hear)
		if ctx.Err() == nil && !lost {
			n.Logger.Warn("hints are not heard", "error", err)
			lost = true
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		wait = min(2*wait, maxListen)
	}
}

// hear tells the streams here.
func (n *Replica) hear(h chat.RelayEvent) {
	news := h.StreamEvent()
	if len(h.To) == 0 {
		n.Hub.Deliver(uuid.Nil, news)
	}
	for _, person := range h.To {
		n.Hub.Deliver(person, news)
	}
}

// missedHints makes up for those of a time without a listener. While Redis answers, it has told the streams.
func (n *Replica) missedHints(ctx context.Context) {
	if !n.Bus.Down() {
		return
	}
	n.Hub.Deliver(uuid.Nil, chat.ResyncEvent{})
	n.RecheckSessions(ctx)
}
