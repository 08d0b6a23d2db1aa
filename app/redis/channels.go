package redis

import (
	"context"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

const (
	broadcastChannel    = namespace + "all" // of all replicas
	personChannelPrefix = namespace + "user:"
	groupChannelPrefix  = namespace + "group:"

	// bucketCount may never change while replicas of two releases run, because each must
	// publish to the channels that the other subscribes to.
	bucketCount = 32
)

// channels names the pub/sub channels and has the commands for them. A single server has a
// plain channel per person and large conversation. In a cluster PUBLISH would reach every node,
// so the channels are sharded: their ids are divided into buckets, and a bucket's hash tag is in
// the names of its channels. So the channels of a bucket are in one slot, and one connection
// receives them all.
type channels struct{ sharded bool }

func channelsOf(client redis.UniversalClient) channels {
	_, sharded := client.(*redis.ClusterClient)
	return channels{sharded}
}

// count returns the number of buckets: 1 for a single server.
func (c channels) count() int {
	if c.sharded {
		return bucketCount
	}
	return 1
}

// tag is a bucket's hash tag. These tags fall evenly on 3 to 8 masters.
func (c channels) tag(bucket int) string {
	if !c.sharded {
		return ""
	}
	return "{b" + strconv.Itoa(bucket) + "}"
}

func (c channels) bucketOf(channel chat.Channel) int {
	if !c.sharded {
		return 0
	}
	id := channel.Person
	if channel.Conversation != uuid.Nil {
		id = channel.Conversation
	}
	h := fnv.New32a()
	h.Write(id[:])
	return int(h.Sum32() % bucketCount)
}

// of returns the name of a channel that is not the one of all replicas.
func (c channels) of(channel chat.Channel) string {
	tag := c.tag(c.bucketOf(channel))
	if channel.Conversation != uuid.Nil {
		return groupChannelPrefix + channel.Conversation.String() + tag
	}
	return personChannelPrefix + channel.Person.String() + tag
}

// broadcast returns the channel of all replicas for bucket 0. The channels of the other
// buckets carry no events. They keep a connection subscribed that has no other channel.
func (c channels) broadcast(bucket int) string { return broadcastChannel + c.tag(bucket) }

// channelOf is the inverse of of.
func (c channels) channelOf(name string) (channel chat.Channel, ok bool) {
	name, _, _ = strings.Cut(name, "{")
	person, isPerson := strings.CutPrefix(name, personChannelPrefix)
	if id, err := uuid.Parse(person); isPerson && err == nil {
		return chat.Channel{Person: id}, true
	}

	conversation, isGroup := strings.CutPrefix(name, groupChannelPrefix)
	if id, err := uuid.Parse(conversation); isGroup && err == nil {
		return chat.Channel{Conversation: id}, true
	}
	return chat.Channel{}, false
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
