package live

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

// Receiver takes what arrives from Redis. Its methods don't block.
type Receiver interface {
	// Deliver gives an event for one user's streams; on the channel of all replicas, user is uuid.Nil.
	Deliver(user uuid.UUID, e chat.Event)
	// Subscribed says that from here on nothing published for the user is missed; said again, that something may have been before.
	Subscribed(user uuid.UUID)
}

// Subscriptions is this replica's one subscriber connection. Safe for concurrent use.
type Subscriptions struct {
	client   *redis.Client
	receiver Receiver
	logger   *slog.Logger
	mu       sync.Mutex // guards the fields below
	wanted   map[uuid.UUID]int
	asked    map[uuid.UUID]int // subscriptions not confirmed yet: only the last confirmation counts, one before it may have been ended since
	pubsub   *redis.PubSub     // nil while there is no connection
}

// NewSubscriptions makes them; Run connects.
func NewSubscriptions(client *redis.Client, logger *slog.Logger) *Subscriptions {
	return &Subscriptions{client: client, logger: logger, wanted: map[uuid.UUID]int{}, asked: map[uuid.UUID]int{}}
}

// Add wants a user's channel once more. Receiver.Subscribed tells when it is there, now or after a reconnect.
func (s *Subscriptions) Add(user uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted[user]++
	if s.wanted[user] == 1 && s.pubsub != nil {
		s.asked[user]++
		s.send(s.pubsub.Subscribe, channelOf(user))
	}
}

// Remove wants it once less.
func (s *Subscriptions) Remove(user uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanted[user]--; s.wanted[user] > 0 {
		return
	}
	delete(s.wanted, user)
	if s.pubsub != nil {
		s.send(s.pubsub.Unsubscribe, channelOf(user))
	}
}

// send writes a command; the answer comes to Run. A failed write breaks the connection, and Run makes another with all that is wanted.
func (s *Subscriptions) send(command func(context.Context, ...string) error, channels ...string) {
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
	pingEvery  = time.Second
	silentMost = 3 * time.Second
	dialAgain  = 250 * time.Millisecond
)

// Run keeps the subscriptions until ctx ends, telling receiver what comes.
func (s *Subscriptions) Run(ctx context.Context, receiver Receiver) {
	s.receiver = receiver
	lost := false
	for ctx.Err() == nil {
		err := s.listen(ctx, func() { lost = false })
		if ctx.Err() == nil && !lost {
			s.logger.Warn("subscription lost: trying again", "error", err)
			lost = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(dialAgain):
		}
	}
}

// listen holds one connection, in which everything wanted is subscribed; then it calls connected.
func (s *Subscriptions) listen(ctx context.Context, connected func()) error {
	ping, cancel := context.WithTimeout(ctx, callTimeout)
	err := s.client.Ping(ping).Err()
	cancel()
	if err != nil {
		return err
	}
	pubsub := s.client.Subscribe(ctx)
	defer pubsub.Close()
	if err := s.subscribeWanted(ctx, pubsub); err != nil {
		return err
	}
	defer s.drop(pubsub)
	connected()
	heard, pinged := time.Now(), time.Now()
	for ctx.Err() == nil {
		msg, err := pubsub.ReceiveTimeout(ctx, pingEvery)
		switch {
		case err == nil:
			heard = time.Now()
			s.receive(msg)
		case !isTimeout(err):
			return err
		case time.Since(heard) > silentMost:
			return errors.New("no answer to a ping in time")
		}
		if time.Since(pinged) >= pingEvery {
			pinged = time.Now()
			if err := pubsub.Ping(ctx); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (s *Subscriptions) subscribeWanted(ctx context.Context, pubsub *redis.PubSub) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	channels := []string{channelAll}
	clear(s.asked)
	for user := range s.wanted {
		s.asked[user] = 1
		channels = append(channels, channelOf(user))
	}
	if err := pubsub.Subscribe(ctx, channels...); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	s.pubsub = pubsub
	return nil
}

func (s *Subscriptions) drop(pubsub *redis.PubSub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pubsub == pubsub {
		s.pubsub = nil
	}
}

func (s *Subscriptions) receive(msg any) {
	switch m := msg.(type) {
	case *redis.Subscription:
		if user, ok := userOf(m.Channel); ok && m.Kind == "subscribe" && s.confirmed(user) {
			s.receiver.Subscribed(user)
		}
	case *redis.Message:
		e, err := chat.DecodeEvent([]byte(m.Payload))
		if err != nil {
			s.logger.Error("undecodable event", "channel", m.Channel, "error", err)
			e = chat.ResyncEvent{}
		}
		user, _ := userOf(m.Channel)
		s.receiver.Deliver(user, e)
	}
}

func (s *Subscriptions) confirmed(user uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked[user]--; s.asked[user] > 0 {
		return false
	}
	delete(s.asked, user)
	return s.wanted[user] > 0
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
