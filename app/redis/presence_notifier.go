package redis

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

const (
	// notifyBatch is the number of people in one notification.
	notifyBatch = 100
	// maxQueuedNotifications limits how many notifications this replica accepts
	// from other replicas. Those of its own people are always accepted.
	maxQueuedNotifications = 500
)

// presenceNotifier holds the people whose friends this replica must notify, each with the
// deadline at which another replica takes the notification over. Safe for concurrent use.
type presenceNotifier struct {
	wake   chan struct{}
	mu     sync.Mutex // guards people
	people map[uuid.UUID]string
}

// add accepts pairs of a person and a deadline, as the scripts return them. It reports
// whether the list was as long as a heartbeat permits, so that there may be more.
func (n *presenceNotifier) add(pairs []string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := 0; i+1 < len(pairs); i += 2 {
		if person, err := uuid.Parse(pairs[i]); err == nil {
			n.people[person] = pairs[i+1]
		}
	}

	signal(n.wake)
	return len(pairs) >= 2*maxQueuedNotifications
}

// capacity returns how many notifications may be accepted from other replicas.
func (n *presenceNotifier) capacity() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return max(0, maxQueuedNotifications-len(n.people))
}

// take removes a batch. pairs has the same people, as arguments for notifiedScript.
func (n *presenceNotifier) take() (people []uuid.UUID, pairs []any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for person, deadline := range n.people {
		if len(people) == notifyBatch {
			break
		}
		people, pairs = append(people, person), append(pairs, person.String(), deadline)
		delete(n.people, person)
	}
	return people, pairs
}

// run notifies until ctx ends. A failed notification stays in the registry, and a replica
// takes it over after its deadline.
func (n *presenceNotifier) run(ctx context.Context, p *Presence, handler PresenceHandler) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.wake:
		}
		for people, pairs := n.take(); len(people) > 0 && ctx.Err() == nil; people, pairs = n.take() {
			if err := p.notify(ctx, handler, people, pairs); err != nil {
				p.logger.Warn("friends not notified of presence", "people", len(people), "error", err)
			}
		}
	}
}

func (p *Presence) notify(ctx context.Context, handler PresenceHandler, people []uuid.UUID, pairs []any) error {
	notifying, cancel := context.WithTimeout(ctx, p.Options.NotifyTimeout)
	defer cancel()
	if err := handler.PresenceChanged(notifying, people); err != nil {
		return err
	}
	return p.bus.failed(p.runScript(ctx, notifiedScript, p.replica, pairs...).Err())
}
