package redis

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// owed are the people whose streams missed something while Redis was away. Past its bound it is everybody.
type resyncQueue struct {
	mu       sync.Mutex
	people   map[uuid.UUID]struct{}
	everyone bool
}

const maxResyncPeople = 50_000

func (o *resyncQueue) init() { o.people = map[uuid.UUID]struct{}{} }

func (o *resyncQueue) add(people []uuid.UUID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range people {
		if len(o.people) >= maxResyncPeople {
			o.everyone = true
			return
		}
		o.people[p] = struct{}{}
	}
}

// take empties it.
func (o *resyncQueue) take() (people []uuid.UUID, everyone bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for p := range o.people {
		people = append(people, p)
	}
	everyone = o.everyone
	o.everyone = false
	clear(o.people)
	return people, everyone
}

const probeInterval = 500 * time.Millisecond

// probe closes the breaker when Redis answers again, then pays what is owed; a publish that fails meanwhile owes again.
func (b *Bus) recover(ctx context.Context) {
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		if b.Down() && b.writable(ctx) {
			b.down.Store(false)
			b.mode(false)
		}
		if !b.Down() {
			b.flushResyncs(ctx)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// pay completes the tails first: pages that resync read them.
func (b *Bus) flushResyncs(ctx context.Context) {
	b.backfillTails(ctx)
	people, everyone := b.resyncs.take()
	if everyone {
		b.Broadcast(ctx, chat.ResyncEvent{})
	} else if len(people) > 0 {
		b.Publish(ctx, chat.ResyncEvent{}, people)
	}
}
