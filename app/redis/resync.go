package redis

import (
	"context"
	"sync"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// maxResyncPeople limits the memory of a resyncQueue to a few MB.
const maxResyncPeople = 50_000

// resyncQueue collects people whose streams may have missed events while Redis was
// down. If it overflows, everyone is to resync. Safe for concurrent use.
type resyncQueue struct {
	mu       sync.Mutex // guards the fields below
	people   map[uuid.UUID]struct{}
	everyone bool
}

func (q *resyncQueue) add(people []uuid.UUID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, p := range people {
		if len(q.people) >= maxResyncPeople {
			q.everyone = true
			return
		}
		q.people[p] = struct{}{}
	}
}

func (q *resyncQueue) addEveryone() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.everyone = true
}

// take empties the queue.
func (q *resyncQueue) take() (people []uuid.UUID, everyone bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for p := range q.people {
		people = append(people, p)
	}

	everyone = q.everyone
	q.everyone = false
	clear(q.people)
	return people, everyone
}

// flushResyncs publishes a resync event to the people in the queue. It completes the
// tails first, because pages read them when they resync. A publication that fails does not use
// the relay, because that would repeat it with every flush.
func (b *Bus) flushResyncs(ctx context.Context) {
	b.backfillTails(ctx)
	people, everyone := b.resyncs.take()
	if everyone && !b.broadcast(ctx, chat.ResyncEvent{}) {
		b.resyncs.addEveryone()
	} else if !everyone && len(people) > 0 {
		b.pipeline(ctx, people, func(ctx context.Context, pipe redis.Pipeliner) {
			b.publish(ctx, pipe, chat.ResyncEvent{}, people)
		})
	}
}
