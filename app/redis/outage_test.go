package redis

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse"
	"parley/test/services"
	"parley/test/wait"
)

// redisOfOurOwn can be hurt.
func redisOfOurOwn(t *testing.T) *services.Service {
	t.Helper()
	s := services.Redis(t.TempDir())
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

func TestWhatWasMissedIsOwed(t *testing.T) {
	for name, outage := range map[string]struct{ begin, end func(*services.Service) error }{
		"killed": {
			func(s *services.Service) error { s.Kill(); return nil },
			func(s *services.Service) error { return s.Start(context.Background()) },
		},
		"hung": {(*services.Service).Pause, (*services.Service).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			server := redisOfOurOwn(t)
			r := newReplica(t, server.URL, sse.Limits{})
			ada, talk := uuid.New(), uuid.New()
			s := r.connects(ada)
			s.Expects("ready")

			if err := outage.begin(server); err != nil {
				t.Fatal(err)
			}
			r.bus.Announce(context.Background(), message(talk, ada, 0, "lost on the way"), []uuid.UUID{ada})
			if !r.bus.Down() {
				t.Error("a failed publish is not noticed")
			}
			if _, err := r.bus.Pending(context.Background(), talk); chat.KindOf(err) != chat.KindUnavailable {
				t.Errorf("the tail is answered with %v", err)
			}
			if err := outage.end(server); err != nil {
				t.Fatal(err)
			}
			wait.Until(t, "the bus is back", func() bool { return !r.bus.Down() })
			s.Expects("resync") // what was missed, fetched
			wait.Until(t, "live again", func() bool {
				r.bus.Publish(context.Background(), chat.StoredEvent{From: 1, To: 1}, []uuid.UUID{ada})
				return s.Reads() == "stored 1-1"
			})
		})
	}
}

func TestStartsWithoutRedis(t *testing.T) {
	server := redisOfOurOwn(t)
	server.Kill()
	r := newReplica(t, server.URL, sse.Limits{})
	s := r.connects(uuid.New())
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.Expects("ready")
}
