package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/loop"
)

const (
	pingInterval = time.Second
	// pongTimeout is the silence after which a connection counts as lost, although it
	// looks open.
	pongTimeout = 3 * time.Second

	minReconnectDelay = 250 * time.Millisecond
	maxReconnectDelay = 2 * time.Second
	// stableSubscription is how long a subscription must last for its loss to be the first one.
	stableSubscription = 10 * time.Second
)

// subscriber is the connection that receives the channels of one bucket. Safe
// for concurrent use.
type subscriber struct {
	bus      *Bus
	channels channels
	bucket   int
	logger   *slog.Logger

	mu   sync.Mutex           // guards the fields below
	refs map[chat.Channel]int // calls of add without a remove; never 0
	// unconfirmed counts subscriptions that Redis has not confirmed yet. Only the last
	// confirmation counts, because an earlier one may belong to a subscription that has
	// ended since.
	unconfirmed map[chat.Channel]int
	pubsub      *redis.PubSub // nil without a connection
}

func (s *subscriber) add(channel chat.Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refs[channel]++
	if s.refs[channel] == 1 && s.pubsub != nil {
		s.unconfirmed[channel]++
		s.command(s.channels.subscribe(s.pubsub), s.channels.of(channel))
	}
}

func (s *subscriber) remove(channel chat.Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refs[channel]--; s.refs[channel] > 0 {
		return
	}

	delete(s.refs, channel)
	if s.pubsub != nil {
		s.command(s.channels.unsubscribe(s.pubsub), s.channels.of(channel))
	}
}

// command writes a command. listen reads the reply. A failed write closes the connection,
// and run opens another one with all subscriptions.
func (s *subscriber) command(write func(context.Context, ...string) error, channels ...string) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	if err := write(ctx, channels...); err != nil {
		s.logger.Warn("subscription command failed", "error", err)
		s.pubsub.Close()
		s.pubsub = nil
	}
}

// run keeps a connection open until ctx ends, and passes its events to receiver.
func (s *subscriber) run(ctx context.Context, receiver Receiver) {
	backoff := loop.Backoff{Min: minReconnectDelay, Max: maxReconnectDelay}
	for ctx.Err() == nil {
		var connected time.Time
		err := s.listen(ctx, receiver, func() {
			connected = time.Now()
			s.bus.setSubscription(s.bucket, nil)
		})
		switch {
		case ctx.Err() != nil:
			return
		case connected.IsZero():
			s.bus.setSubscription(s.bucket, &rejection{"SUBSCRIBE", err}) // the bus logs it
		default:
			s.logger.Warn("subscription lost, retrying", "bucket", s.bucket, "error", err)
		}

		// Each new subscription makes pages fetch, so one that is lost at once is not repeated at once.
		if !connected.IsZero() && time.Since(connected) > stableSubscription {
			backoff.Reset()
		}
		reloadCluster(ctx, s.bus.client, err)
		backoff.Wait(ctx)
	}
}

// listen holds one connection. It calls connected when Redis has confirmed the subscription to
// the channel of all replicas, which is the first.
func (s *subscriber) listen(ctx context.Context, receiver Receiver, connected func()) error {
	if err := s.pingBucket(ctx); err != nil {
		return err
	}

	pubsub := s.bus.client.Subscribe(ctx)
	defer pubsub.Close()
	if err := s.subscribeAll(ctx, pubsub); err != nil {
		return err
	}
	defer func() { receiver.Lost(s.detach(pubsub)) }()

	received, pinged := time.Now(), time.Now()
	for ctx.Err() == nil {
		msg, err := pubsub.ReceiveTimeout(ctx, pingInterval)
		switch {
		case err == nil:
			received = time.Now()
			if err := s.handle(msg, receiver); err != nil {
				return err
			}
			if sub, ok := msg.(*redis.Subscription); ok && sub.Channel == s.channels.broadcast(s.bucket) {
				connected()
				if s.bucket == 0 {
					receiver.Subscribed(chat.Channel{})
				}
			}
		case !isTimeout(err):
			return err
		case time.Since(received) > pongTimeout:
			return errors.New("no reply to a ping in time")
		}

		if time.Since(pinged) >= pingInterval {
			pinged = time.Now()
			if err := pubsub.Ping(ctx); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// pingBucket makes a call to the server of the bucket's slot. The key does not exist.
func (s *subscriber) pingBucket(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return s.bus.client.Exists(ctx, s.channels.broadcast(s.bucket)).Err()
}

// subscribeAll subscribes a new connection to all channels.
func (s *subscriber) subscribeAll(ctx context.Context, pubsub *redis.PubSub) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{s.channels.broadcast(s.bucket)}
	clear(s.unconfirmed)
	for channel := range s.refs {
		s.unconfirmed[channel] = 1
		names = append(names, s.channels.of(channel))
	}

	if err := s.channels.subscribe(pubsub)(ctx, names...); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}

	s.pubsub = pubsub
	return nil
}

// detach ends the use of a connection, and returns the channels that it carried.
func (s *subscriber) detach(pubsub *redis.PubSub) []chat.Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pubsub == pubsub {
		s.pubsub = nil
	}
	return slices.Collect(maps.Keys(s.refs))
}

// handle processes a message from Redis. It fails when the server ends a subscription
// that is still in use, because the bucket's slot has moved to another server.
func (s *subscriber) handle(msg any, receiver Receiver) error {
	switch m := msg.(type) {
	case *redis.Subscription:
		channel, known := s.channels.channelOf(m.Channel)
		switch m.Kind {
		case "subscribe", "ssubscribe":
			if known && s.confirm(channel) {
				receiver.Subscribed(channel)
			}
		case "sunsubscribe":
			if !known || s.isSubscribed(channel) {
				return errors.New("the bucket has moved to another server")
			}
		}

	case *redis.Message:
		e, err := chat.DecodeEvent([]byte(m.Payload))
		if err != nil {
			s.logger.Error("event not decoded", "channel", m.Channel, "error", err)
			e = chat.ResyncEvent{}
		}
		channel, _ := s.channels.channelOf(m.Channel)
		receiver.Deliver(channel, e)
	}
	return nil
}

// isSubscribed reports whether a channel's subscription is in use and confirmed. One that
// was ended and begun again since is not confirmed yet.
func (s *subscriber) isSubscribed(channel chat.Channel) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refs[channel] > 0 && s.unconfirmed[channel] == 0
}

// confirm reports whether the last subscription to a channel that is still in use is now
// confirmed.
func (s *subscriber) confirm(channel chat.Channel) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unconfirmed[channel]--; s.unconfirmed[channel] > 0 {
		return false
	}
	delete(s.unconfirmed, channel)
	return s.refs[channel] > 0
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
