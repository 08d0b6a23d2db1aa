package redis

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// announcements are people whose friends this replica is to tell, each with the end of the time for it.
type presenceNotifier struct {
	wake   chan struct{}
	mu     sync.Mutex
	people map[uuid.UUID]string
}

// Bounds: how many are told of at once, and how many may wait here before no more are taken over from others. (Those who come and go here all wait
// here.)
const (
	notifyBatch             = 100
	maxPendingNotifications = 500
)

// add takes pairs, as the scripts answer them.
func (a *presenceNotifier) add(pairs []string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.people == nil {
		a.people = map[uuid.UUID]string{}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if person, err := uuid.Parse(pairs[i]); err == nil {
			a.people[person] = pairs[i+1]
		}
	}
	signal(a.wake)
	return len(pairs) >= 2*maxPendingNotifications
}

// room is how many more may come.
func (a *presenceNotifier) capacity() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(0, maxPendingNotifications-len(a.people))
}

func (a *presenceNotifier) take() (people []uuid.UUID, pairs []any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for person, by := range a.people {
		if len(people) == notifyBatch {
			break
		}
		people, pairs = append(people, person), append(pairs, person.String(), by)
		delete(a.people, person)
	}
	return people, pairs
}

// run tells until ctx ends. What wasn't told stays in the roll, and comes back when its time is over.
func (a *presenceNotifier) run(ctx context.Context, p *Presence, w PresenceHandler) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
		}
		for people, pairs := a.take(); len(people) > 0 && ctx.Err() == nil; people, pairs = a.take() {
			telling, cancel := context.WithTimeout(ctx, p.Options.NotifyTimeout)
			err := w.PresenceChanged(telling, people)
			cancel()
			if err == nil {
				err = p.run(ctx, notifiedScript, p.replica, pairs...).Err()
			}
			if err != nil {
				p.logger.Warn("friends not told who came and went", "people", len(people), "error", err)
			}
		}
	}
}
