package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// subscriber is one connection that hears the channels of a bucket of people. Safe for concurrent use.
type subscriber struct {
	client      redis.UniversalClient
	channels    channels
	bucket      int
	receiver    Receiver
	logger      *slog.Logger
	mu          sync.Mutex // guards the fields below
	wanted      map[uuid.UUID]int
	unconfirmed map[uuid.UUID]int // subscriptions not confirmed yet: only the last confirmation counts, one before it may have been ended since
	pubsub      *redis.PubSub     // nil while there is no connection
}

func (s *subscriber) add(user uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted[user]++
	if s.wanted[user] == 1 && s.pubsub != nil {
		s.unconfirmed[user]++
		s.command(s.channels.subscribe(s.pubsub), s.channels.of(user))
	}
}

func (s *subscriber) remove(user uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanted[user]--; s.wanted[user] > 0 {
		return
	}
	delete(s.wanted, user)
	if s.pubsub != nil {
		s.command(s.channels.unsubscribe(s.pubsub), s.channels.of(user))
	}
}

// send writes a command; the answer comes to run. A failed write breaks the connection, and run makes another with all that is wanted.
func (s *subscriber) command(command func(context.Context, ...string) error, channels ...string) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	if err := command(ctx, channels...); err != nil {
		s.logger.Warn("subscription", "error", err)
		s.pubsub.Close()
		s.pubsub = nil
	}
}

// A subscription that answers no ping for this long is dead, however open its connection looks.
const (
	pingInterval   = time.Second
	pongTimeout    = 3 * time.Second
	reconnectDelay = 250 * time.Millisecond
)

// run keeps the subscriptions until ctx ends, telling receiver what comes.
func (s *subscriber) run(ctx context.Context, receiver Receiver) {
	s.receiver = receiver
	lost := false
	for ctx.Err() == nil {
		err := s.listen(ctx, func() { lost = false })
		if ctx.Err() == nil && !lost {
			s.logger.Warn("subscription lost: trying again", "bucket", s.bucket, "error", err)
			lost = true
		}
		reload(ctx, s.client, err)
		select {
		case <-ctx.Done():
		case <-time.After(reconnectDelay):
		}
	}
}

// listen holds one connection, in which everything wanted is subscribed; then it calls connected.
func (s *subscriber) listen(ctx context.Context, connected func()) error {
	ping, cancel := context.WithTimeout(ctx, callTimeout)
	err := s.client.Exists(ping, s.channels.broadcast(s.bucket)).Err() // nothing is there: it asks the server that the bucket is on
	cancel()
	if err != nil {
		return err
	}
	pubsub := s.client.Subscribe(ctx)
	defer pubsub.Close()
	if err := s.subscribeWanted(ctx, pubsub); err != nil {
		return err
	}
	defer s.detach(pubsub)
	connected()
	heard, pinged := time.Now(), time.Now()
	for ctx.Err() == nil {
		msg, err := pubsub.ReceiveTimeout(ctx, pingInterval)
		switch {
		case err == nil:
			heard = time.Now()
			if err := s.handle(msg); err != nil {
				return err
			}
		case !isTimeout(err):
			return err
		case time.Since(heard) > pongTimeout:
			return errors.New("no answer to a ping in time")
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

func (s *subscriber) subscribeWanted(ctx context.Context, pubsub *redis.PubSub) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{s.channels.broadcast(s.bucket)}
	clear(s.unconfirmed)
	for user := range s.wanted {
		s.unconfirmed[user] = 1
		names = append(names, s.channels.of(user))
	}
	if err := s.channels.subscribe(pubsub)(ctx, names...); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	s.pubsub = pubsub
	return nil
}

func (s *subscriber) detach(pubsub *redis.PubSub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pubsub == pubsub {
		s.pubsub = nil
	}
}

// receive fails when the server takes a subscription back, because the bucket's slot has moved to another one.
func (s *subscriber) handle(msg any) error {
	switch m := msg.(type) {
	case *redis.Subscription:
		user, isUser := s.channels.userOf(m.Channel)
		switch m.Kind {
		case "subscribe", "ssubscribe":
			if isUser && s.confirm(user) {
				s.receiver.Subscribed(user)
			}
		case "sunsubscribe":
			if !isUser || s.isWanted(user) {
				return errors.New("the bucket has moved")
			}
		}
	case *redis.Message:
		e, err := chat.DecodeEvent([]byte(m.Payload))
		if err != nil {
			s.logger.Error("undecodable event", "channel", m.Channel, "error", err)
			e = chat.ResyncEvent{}
		}
		user, _ := s.channels.userOf(m.Channel)
		s.receiver.Deliver(user, e)
	}
	return nil
}

// wants tells a subscription that nobody here has ended: asked for again since, it isn't confirmed yet.
func (s *subscriber) isWanted(user uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wanted[user] > 0 && s.unconfirmed[user] == 0
}

func (s *subscriber) confirm(user uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unconfirmed[user]--; s.unconfirmed[user] > 0 {
		return false
	}
	delete(s.unconfirmed, user)
	return s.wanted[user] > 0
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
