package redis

import (
	"context"
	"log/slog"
	"sync"

	"parley/app/chat"
)

// Receiver receives the events of subscribed channels (sse.Hub). Its methods do not block.
type Receiver interface {
	// Deliver passes on an event of a channel.
	Deliver(from chat.Channel, e chat.Event)
	// Subscribed reports that no event of the channel is missed from now on. A second call
	// means that events may have been missed before it. The zero channel is the one of all
	// replicas.
	Subscribed(to chat.Channel)
	// Lost reports that events of channels are missed until Subscribed.
	Lost(channels []chat.Channel)
}

// Subscriptions are the channels that this replica is subscribed to, over one connection,
// or in a cluster over one per bucket. Safe for concurrent use.
type Subscriptions struct {
	channels channels
	buckets  []*subscriber
}

// NewSubscriptions returns subscriptions on the server of bus, without any. While they
// can't be made, bus counts Redis as down.
func NewSubscriptions(bus *Bus, logger *slog.Logger) *Subscriptions {
	s := &Subscriptions{channels: bus.channels}
	for bucket := range s.channels.count() {
		s.buckets = append(s.buckets, &subscriber{
			bus:         bus,
			channels:    s.channels,
			bucket:      bucket,
			logger:      logger,
			refs:        map[chat.Channel]int{},
			unconfirmed: map[chat.Channel]int{},
		})
	}
	return s
}

// Add subscribes to a channel, counting calls for the same one. Receiver.Subscribed is
// called when the subscription is confirmed, and again after each reconnect.
func (s *Subscriptions) Add(channel chat.Channel) {
	s.buckets[s.channels.bucketOf(channel)].add(channel)
}

// Remove undoes one Add. The last one ends the subscription.
func (s *Subscriptions) Remove(channel chat.Channel) {
	s.buckets[s.channels.bucketOf(channel)].remove(channel)
}

// Run connects, and passes events to receiver until ctx ends. A lost connection affects
// only the channels of its bucket. It returns nil.
func (s *Subscriptions) Run(ctx context.Context, receiver Receiver) error {
	var tasks sync.WaitGroup
	for _, bucket := range s.buckets {
		tasks.Go(func() { bucket.run(ctx, receiver) })
	}
	tasks.Wait()
	return nil
}
