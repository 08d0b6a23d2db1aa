package redis

import (
	"context"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse/ssetest"
	"parley/test/wait"
)

func TestStreamsOfAnEndedSessionAreClosed(t *testing.T) {
	one, two := newReplica(t, redisURL(t)), newReplica(t, redisURL(t))
	ada, ended, kept := uuid.New(), uuid.New(), uuid.New()
	connects := func(session uuid.UUID) *ssetest.Reader {
		s := ssetest.Connect(t, one.hub, chat.Stream{
			Format:  chat.StreamJSON,
			Person:  ada,
			Session: session,
			Address: netip.MustParseAddr("127.0.0.1"),
		})
		s.Expects("ready")
		return s
	}

	leaving, staying := connects(ended), connects(kept)
	connects(kept)
	ids := one.hub.Sessions()
	if len(ids) != 2 || !slices.Contains(ids, ended) || !slices.Contains(ids, kept) {
		t.Errorf("sessions %v, want %v and %v", ids, ended, kept)
	}

	two.bus.Broadcast(context.Background(), chat.InvalidateEvent{Session: &ended})
	leaving.Expects("signout")
	leaving.Ends()
	if e := <-one.invalidated; *e.Session != ended {
		t.Errorf("invalidated %v, want session %v", e, ended)
	}

	two.bus.Publish(context.Background(), chat.ResyncEvent{}, chat.ToPeople(ada))
	staying.Expects("resync")
}

// TestStreamDuringAnOutage expects a new stream to resync at once and to receive events
// from the relay.
func TestStreamDuringAnOutage(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	r := newReplica(t, server.URL)
	server.Kill()
	r.hub.SetDown([]string{"redis"})
	ada := uuid.New()
	s := r.connects(ada)
	s.Expects("mode", "resync")
	r.hub.Deliver(chat.Channel{Person: ada}, chat.FriendEvent{}) // as the relay does
	s.Expects("friend")
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}

	s.Expects("ready")
}

func TestHubReportsFirstAndLastStreams(t *testing.T) {
	r := newReplica(t, redisURL(t))
	ada := uuid.New()
	first, second := r.connects(ada), r.connects(ada)
	first.Expects("ready")
	second.Expects("ready")
	first.Conn.Close()
	second.Conn.Close()
	wait.Until(t, "both streams are closed", func() bool {
		r.hub.Deliver(chat.Channel{Person: ada}, chat.ResyncEvent{})
		return r.hub.Count() == 0
	})

	r.connects(ada).Expects("ready")
	for i, want := range []string{"arrive", "leave", "arrive"} {
		if got := <-r.presence; got != want+" "+ada.String() {
			t.Errorf("report %d is %q, want %q", i+1, got, want)
		}
	}

	if n := len(r.presence); n != 0 {
		t.Errorf("%d further reports", n)
	}
}
