package replica

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/loop"
)

// The waits before a lost listener reconnects. The maximum is short, because the end
// of a session must reach this replica within 5 s.
const (
	minListenDelay = 100 * time.Millisecond
	maxListenDelay = 2 * time.Second
)

// listenToRelay delivers the relay events of other replicas. It always listens,
// because another replica may find Redis down while this one doesn't.
func (n *Replica) listenToRelay(ctx context.Context) {
	backoff, lost := loop.Backoff{Min: minListenDelay, Max: maxListenDelay}, false
	for ctx.Err() == nil {
		err := n.store.Listen(ctx, func() {
			if lost {
				n.options.Logger.Info("relay listener connected again")
			}
			backoff.Reset()
			lost = false
			n.resyncAfterRelayGap(ctx)
		}, func(e chat.RelayEvent) { n.deliverRelayEvent(ctx, e) })
		if ctx.Err() == nil && !lost {
			n.options.Logger.Warn("relay listener lost", "error", err)
			lost = true
		}
		backoff.Wait(ctx)
	}
}

// deliverRelayEvent delivers an event to the streams of its people; without people,
// to all streams. A copy is for replicas that the bus does not reach.
func (n *Replica) deliverRelayEvent(ctx context.Context, e chat.RelayEvent) {
	if _, ok := e.Event.(chat.RelayRequestEvent); ok {
		n.relayRequested(ctx)
		return
	}
	if e.Copy && !n.Bus.Down() {
		return
	}

	event := e.StreamEvent()
	if len(e.To) == 0 {
		n.Hub.Deliver(uuid.Nil, event)
	}
	for _, person := range e.To {
		n.Hub.Deliver(person, event)
	}
}

// relayRequested makes this replica relay copies. If Redis is down here, its pages fetch
// once: the other replicas have the request now, and what they published through Redis
// before was missed.
func (n *Replica) relayRequested(ctx context.Context) {
	n.Bus.RelayRequested()
	if n.relayAwaited.CompareAndSwap(true, false) {
		n.resyncAfterRelayGap(ctx)
	}
}

// resyncAfterRelayGap makes the pages fetch, because relay events may have been lost
// while the listener was disconnected. It does nothing while Redis is up, which has
// delivered the events then.
func (n *Replica) resyncAfterRelayGap(ctx context.Context) {
	if !n.Bus.Down() {
		return
	}
	n.Hub.Deliver(uuid.Nil, chat.ResyncEvent{})
	n.RecheckSessions(ctx)
}
