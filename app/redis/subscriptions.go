package redis

import (
	"context"
	"log/slog"
	"sync"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// Receiver takes what arrives from Redis. Its methods don't block.
type Receiver interface {
	// Deliver gives an event for one user's streams; on the channel of all replicas, user is uuid.Nil.
	Deliver(user uuid.UUID, e chat.Event)
	// Subscribed says that from here on nothing published for the user is missed; said again, that something may have been before.
	Subscribed(user uuid.UUID)
}

// Subscriptions are this replica's ears: one connection, or on a cluster one for each bucket of people. Safe for concurrent use.
type Subscriptions struct {
	channels channels
	buckets  []*subscriber
}

// NewSubscriptions makes them; Run connects.
func NewSubscriptions(client redis.UniversalClient, logger *slog.Logger) *Subscriptions {
	s := &Subscriptions{channels: channelsOf(client)}
	for bucket := range s.channels.count() {
		s.buckets = append(s.buckets, &subscriber{
			client: client, channels: s.channels, bucket: bucket, logger: logger, wanted: map[uuid.UUID]int{}, unconfirmed: map[uuid.UUID]int{},
		})
	}
	return s
}

// Add wants a user's channel once more. Receiver.Subscribed tells when it is there, now or after a reconnect.
func (s *Subscriptions) Add(user uuid.UUID) { s.buckets[s.channels.bucketOf(user)].add(user) }

// Remove wants it once less.
func (s *Subscriptions) Remove(user uuid.UUID) { s.buckets[s.channels.bucketOf(user)].remove(user) }

// Run keeps the subscriptions until ctx ends, telling receiver what comes. A connection that is lost concerns its own people alone.
func (s *Subscriptions) Run(ctx context.Context, receiver Receiver) {
	var running sync.WaitGroup
	for _, bucket := range s.buckets {
		running.Go(func() { bucket.run(ctx, receiver) })
	}
	running.Wait()
}
