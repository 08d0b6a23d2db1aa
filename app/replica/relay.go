package replica

import (
	"context"
	"time"

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
		}, n.deliverRelayEvent)
		if ctx.Err() == nil && !lost {
			n.options.Logger.Warn("relay listener lost", "error", err)
			lost = true
		}
		backoff.Wait(ctx)
	}
}

// deliverRelayEvent delivers an event to the streams of its audience; without one, to all
// streams.
func (n *Replica) deliverRelayEvent(e chat.RelayEvent) {
	event := e.StreamEvent()
	if e.To.Empty() {
		n.Hub.Deliver(chat.Channel{}, event)
	}
	for _, channel := range e.To.Channels() {
		n.Hub.Deliver(channel, event)
	}
}

// resyncAfterRelayGap makes the pages fetch, because relay events may have been lost
// while the listener was disconnected. It does nothing while Redis is up, which has
// delivered the events then.
func (n *Replica) resyncAfterRelayGap(ctx context.Context) {
	if !n.Bus.Down() {
		return
	}
	n.Hub.Deliver(chat.Channel{}, chat.ResyncEvent{})
	n.RecheckSessions(ctx)
	n.RecheckFollows()
}
