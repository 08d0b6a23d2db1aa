package redis

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// announcements are people whose friends this replica is to tell, each with the end of the time for it.
type announcements struct {
	wake   chan struct{}
	mu     sync.Mutex
	people map[uuid.UUID]string
}

// Bounds: how many are told of at once, and how many may wait here before no more are taken over from others. (Those who come and go here all wait
// here.)
const (
	tellBatch = 100
	maxTell   = 500
)

// add takes pairs, as the scripts answer them.
func (a *announcements) add(pairs []string) bool {
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
	return len(pairs) >= 2*maxTell
}

// room is how many more may come.
func (a *announcements) room() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(0, maxTell-len(a.people))
}

func (a *announcements) take() (people []uuid.UUID, pairs []any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for person, by := range a.people {
		if len(people) == tellBatch {
			break
		}
		people, pairs = append(people, person), append(pairs, person.String(), by)
		delete(a.people, person)
	}
	return people, pairs
}

// run tells until ctx ends. What wasn't told stays in the roll, and comes back when its time is over.
func (a *announcements) run(ctx context.Context, p *Presence, w Watcher) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
		}
		for people, pairs := a.take(); len(people) > 0 && ctx.Err() == nil; people, pairs = a.take() {
			telling, cancel := context.WithTimeout(ctx, p.Options.Telling)
			err := w.PresenceChanged(telling, people)
			cancel()
			if err == nil {
				err = p.run(ctx, told, p.replica, pairs...).Err()
			}
			if err != nil {
				p.logger.Warn("friends not told who came and went", "people", len(people), "error", err)
			}
		}
	}
}
