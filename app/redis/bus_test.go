package redis

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/sse/ssetest"
	"parley/test/services"
	"parley/test/wait"
)

func TestBusConformance(t *testing.T) {
	chattest.TestBus(t, func(t *testing.T) chat.Bus {
		bus, _ := startBus(t, redisURL(t), BusOptions{})
		wait.Until(t, "Redis replies in time", func() bool {
			_, err := bus.Pending(context.Background(), uuid.New())
			return err == nil
		})
		return bus
	})
}

func TestEventsReachMembersOnEveryReplica(t *testing.T) {
	one, two := newReplica(t, redisURL(t)), newReplica(t, redisURL(t))
	ada, bob, eve, conversation := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	streams := map[string]*ssetest.Reader{
		"ada":         one.connects(ada),
		"bob":         two.connects(bob),
		"bob's phone": one.connects(bob),
		"eve":         two.connects(eve),
	}

	for _, s := range streams {
		s.Expects("ready")
	}

	m := message(conversation, ada, 4, "hi")
	one.bus.Announce(context.Background(), m, chat.ToPeople(ada, bob))
	two.bus.Stored(context.Background(), []chat.StoredConversation{{
		ConversationID: conversation,
		Audience:       chat.ToPeople(ada, bob),
		Messages:       []chat.StoredID{{ID: m.ID, Seq: 1}},
		Through:        m.LogOffset,
	}})
	streams["ada"].Expects("message hi own=true", "stored 1-1")
	streams["bob"].Expects("message hi own=false", "stored 1-1")
	streams["bob's phone"].Expects("message hi own=false", "stored 1-1")

	one.bus.Publish(context.Background(), chat.ResyncEvent{}, chat.ToPeople(eve))
	streams["eve"].Expects("resync") // and no event before it
}

func TestMissedEventsCauseAResync(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct{ begin, end func(*services.Service) error }{
		"killed": {
			func(s *services.Service) error { s.Kill(); return nil },
			func(s *services.Service) error { return s.Start(context.Background()) },
		},
		"hung": {(*services.Service).Pause, (*services.Service).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			server := startRedis(t)
			r := newReplica(t, server.URL)
			ada, conversation := uuid.New(), uuid.New()
			s := r.connects(ada)
			s.Expects("ready")

			if err := outage.begin(server); err != nil {
				t.Fatal(err)
			}
			r.bus.Announce(context.Background(), message(conversation, ada, 0, "lost"), chat.ToPeople(ada))
			if !r.bus.Down() {
				t.Error("the breaker is closed after a failed publication")
			}
			if _, err := r.bus.Pending(context.Background(), conversation); chat.KindOf(err) != chat.KindUnavailable {
				t.Errorf("reading the tail: %v, want an error of kind Unavailable", err)
			}

			if err := outage.end(server); err != nil {
				t.Fatal(err)
			}
			wait.Until(t, "the breaker is closed", func() bool { return !r.bus.Down() })
			for got := s.Reads(); got != "resync"; got = s.Reads() {
				// A server that hung executes afterwards what was written to it meanwhile.
				if got != "message lost own=true" {
					t.Fatalf("read %q, want a resync event", got)
				}
			}
			wait.Until(t, "events arrive again", func() bool {
				r.bus.Publish(context.Background(), chat.StoredEvent{From: 1, To: 1}, chat.ToPeople(ada))
				return s.Reads() == "stored 1-1"
			})
		})
	}
}

func TestStreamIsReadyOnceRedisHasStarted(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	server.Kill()
	r := newReplica(t, server.URL)
	s := r.connects(uuid.New())
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.Expects("ready")
}
