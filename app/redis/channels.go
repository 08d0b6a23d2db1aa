package redis

import (
	"context"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// channels names the channels and says how they are spoken to. One server has a channel for each person. On a cluster, where PUBLISH would reach every node,
// they are sharded: people fall into buckets whose fixed hash tag is part of the name, so that each bucket is in one slot, and one
// connection hears it.
type channels struct{ sharded bool }

func channelsOf(client redis.UniversalClient) channels {
	_, sharded := client.(*redis.ClusterClient)
	return channels{sharded}
}

// buckets are on a cluster. The number may never change while replicas of two releases run: each must find the other's channels.
const buckets = 32

func (c channels) count() int {
	if c.sharded {
		return buckets
	}
	return 1
}

// tag begins each with a letter: these fall evenly on 3 to 8 masters.
func (c channels) tag(bucket int) string {
	if !c.sharded {
		return ""
	}
	return "{b" + strconv.Itoa(bucket) + "}"
}

func (c channels) bucketOf(user uuid.UUID) int {
	if !c.sharded {
		return 0
	}
	h := fnv.New32a()
	h.Write(user[:])
	return int(h.Sum32() % buckets)
}

const (
	broadcastChannel  = "parley:all" // every replica
	userChannelPrefix = "user:"
)

func (c channels) of(user uuid.UUID) string {
	return userChannelPrefix + user.String() + c.tag(c.bucketOf(user))
}

// all is every replica's, for bucket 0; the others' hears nothing and keeps the connection.
func (c channels) broadcast(bucket int) string { return broadcastChannel + c.tag(bucket) }

// userOf reads what of wrote.
func (c channels) userOf(channel string) (uuid.UUID, bool) {
	s, ok := strings.CutPrefix(channel, userChannelPrefix)
	s, _, _ = strings.Cut(s, "{")
	id, err := uuid.Parse(s)
	return id, ok && err == nil
}

func (c channels) publish(ctx context.Context, pipe redis.Pipeliner, channel string, payload []byte) {
	if c.sharded {
		pipe.SPublish(ctx, channel, payload)
	} else {
		pipe.Publish(ctx, channel, payload)
	}
}

func (c channels) subscribe(pubsub *redis.PubSub) func(context.Context, ...string) error {
	if c.sharded {
		return pubsub.SSubscribe
	}
	return pubsub.Subscribe
}

func (c channels) unsubscribe(pubsub *redis.PubSub) func(context.Context, ...string) error {
	if c.sharded {
		return pubsub.SUnsubscribe
	}
	return pubsub.Unsubscribe
}
