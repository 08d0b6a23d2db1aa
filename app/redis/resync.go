package redis

import (
	"context"
	"sync"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// maxResyncChannels limits the memory of a resyncQueue to a few MB.
const maxResyncChannels = 50_000

// resyncQueue collects the channels whose events may have been missed while Redis was
// down. If it overflows, everyone is to resync. Safe for concurrent use.
type resyncQueue struct {
	mu       sync.Mutex // guards the fields below
	channels map[chat.Channel]struct{}
	everyone bool
}

func (q *resyncQueue) add(audiences ...chat.Audience) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, a := range audiences {
		for _, c := range a.Channels() {
			if len(q.channels) >= maxResyncChannels {
				q.everyone = true
				return
			}
			q.channels[c] = struct{}{}
		}
	}
}

func (q *resyncQueue) addEveryone() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.everyone = true
}

// take empties the queue.
func (q *resyncQueue) take() (audiences []chat.Audience, everyone bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var people chat.Audience
	for c := range q.channels {
		if c.Conversation != uuid.Nil {
			audiences = append(audiences, chat.ToConversation(c.Conversation))
		} else {
			people.People = append(people.People, c.Person)
		}
	}
	if !people.Empty() {
		audiences = append(audiences, people)
	}

	everyone = q.everyone
	q.everyone = false
	clear(q.channels)
	return audiences, everyone
}

// flushResyncs publishes a resync event to the channels in the queue. It completes the
// tails first, because pages read them when they resync. A publication that fails does not use
// the relay, because that would repeat it with every flush.
func (b *Bus) flushResyncs(ctx context.Context) {
	b.backfillTails(ctx)
	audiences, everyone := b.resyncs.take()
	if everyone && !b.broadcast(ctx, chat.ResyncEvent{}) {
		b.resyncs.addEveryone()
	} else if !everyone && len(audiences) > 0 {
		b.pipeline(ctx, audiences, func(ctx context.Context, pipe redis.Pipeliner) {
			for _, a := range audiences {
				b.publish(ctx, pipe, chat.ResyncEvent{}, a)
			}
		})
	}
}
