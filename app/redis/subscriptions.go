package redis

import (
	"context"
	"log/slog"
	"sync"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Receiver receives the events of subscribed people (sse.Hub). Its methods do not block.
type Receiver interface {
	// Deliver passes on an event for one person's streams. person is uuid.Nil for an event on
	// the channel of all replicas.
	Deliver(person uuid.UUID, e chat.Event)
	// Subscribed reports that no event for the person is missed from now on. A second call
	// means that events may have been missed before it.
	Subscribed(person uuid.UUID)
}

// Subscriptions are the channels that this replica is subscribed to, over one connection,
// or in a cluster over one per bucket. Safe for concurrent use.
type Subscriptions struct {
	channels channels
	buckets  []*subscriber
}

// NewSubscriptions returns subscriptions on the server of bus, without people. While they
// can't be made, bus counts Redis as down.
func NewSubscriptions(bus *Bus, logger *slog.Logger) *Subscriptions {
	s := &Subscriptions{channels: bus.channels}
	for bucket := range s.channels.count() {
		s.buckets = append(s.buckets, &subscriber{
			bus:         bus,
			channels:    s.channels,
			bucket:      bucket,
			logger:      logger,
			refs:        map[uuid.UUID]int{},
			unconfirmed: map[uuid.UUID]int{},
		})
	}
	return s
}

// Add subscribes to a person's channel, counting calls for the same person.
// Receiver.Subscribed is called when the subscription is confirmed, and again after each
// reconnect.
func (s *Subscriptions) Add(person uuid.UUID) { s.buckets[s.channels.bucketOf(person)].add(person) }

// Remove undoes one Add. The last one ends the subscription.
func (s *Subscriptions) Remove(person uuid.UUID) {
	s.buckets[s.channels.bucketOf(person)].remove(person)
}

// Run connects, and passes events to receiver until ctx ends. A lost connection affects
// only the people of its bucket. It returns nil.
func (s *Subscriptions) Run(ctx context.Context, receiver Receiver) error {
	var tasks sync.WaitGroup
	for _, bucket := range s.buckets {
		tasks.Go(func() { bucket.run(ctx, receiver) })
	}
	tasks.Wait()
	return nil
}
