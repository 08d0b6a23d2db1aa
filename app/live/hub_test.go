package live

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func TestEndedSessionsStreamsAreClosed(t *testing.T) {
	one, two := newReplica(t, redisURL(t), Limits{}), newReplica(t, redisURL(t), Limits{})
	ada, ended, kept := uuid.New(), uuid.New(), uuid.New()
	address := netip.MustParseAddr("127.0.0.1")
	leaving := one.connectsAs(chat.Stream{Format: chat.StreamJSON, Person: ada, Session: ended, Address: address})
	staying := one.connectsAs(chat.Stream{Format: chat.StreamJSON, Person: ada, Session: kept, Address: address})
	leaving.expects("ready")
	staying.expects("ready")
	one.connectsAs(chat.Stream{Format: chat.StreamJSON, Person: ada, Session: kept, Address: address}).expects("ready")
	if ids := one.hub.Sessions(); len(ids) != 2 || !slices.Contains(ids, ended) || !slices.Contains(ids, kept) {
		t.Errorf("sessions %v", ids)
	}
	two.bus.Broadcast(context.Background(), chat.InvalidateEvent{Session: &ended})
	leaving.expects("signout")
	leaving.ends()
	if e := <-one.gone; *e.Session != ended {
		t.Errorf("told of %v", e)
	}
	two.bus.Publish(context.Background(), chat.ResyncEvent{}, []uuid.UUID{ada})
	staying.expects("resync")
}

func TestLimitsOfStreams(t *testing.T) {
	r := newReplica(t, redisURL(t), Limits{PerUser: 2, PerAddress: 3})
	here, there := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	ada, bob := uuid.New(), uuid.New()
	first := r.connectsAs(chat.Stream{Person: ada, Address: here})
	r.connectsAs(chat.Stream{Person: ada, Address: here})
	if err := r.hub.Reserve(chat.Stream{Person: ada, Address: there}); chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("a third stream of one person: %v", err)
	}
	r.connectsAs(chat.Stream{Person: bob, Address: here})
	if err := r.hub.Reserve(chat.Stream{Person: uuid.New(), Address: here}); chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("a fourth stream of one address: %v", err)
	}
	first.conn.Close()
	eventually(t, "the place of a stream that left is free", func() bool {
		r.hub.Deliver(ada, chat.ResyncEvent{}) // a write finds out, sooner than the heartbeat
		return r.hub.Reserve(chat.Stream{Person: ada, Address: there}) == nil
	})
	r.hub.Release(chat.Stream{Person: ada, Address: there})
}

func TestSlowReaderIsClosedAndOthersAreNot(t *testing.T) {
	r := newReplica(t, redisURL(t), Limits{})
	ada := uuid.New()
	slow, quick := r.connects(ada), r.connects(ada)
	quick.expects("ready")
	body := strings.Repeat("x", 16_000)
	for range 2_000 { // 32 MB: more than a socket and its queue hold
		r.hub.Deliver(ada, chat.MessageEvent{Message: message(uuid.New(), uuid.New(), 1, body)})
		quick.expects("message " + body + " own=false")
	}
	eventually(t, "the stream that nobody reads is closed", func() bool { return r.hub.Count() == 1 })
	slow.ends()
}

func TestDrainSendsStreamsElsewhere(t *testing.T) {
	r := newReplica(t, redisURL(t), Limits{})
	var all []*reader
	for range 20 {
		s := r.connects(uuid.New())
		s.expects("ready")
		all = append(all, s)
	}
	go r.hub.Drain(context.Background(), 0)
	delays := map[string]bool{}
	for _, s := range all {
		line := s.reads()
		if !strings.HasPrefix(line, "retry: ") {
			t.Fatalf("read %q", line)
		}
		delays[line] = true
		s.ends()
	}
	if len(delays) < 10 {
		t.Errorf("20 streams come back at %d different times", len(delays))
	}
	if err := r.hub.Reserve(chat.Stream{Person: uuid.New()}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("a draining hub answers %v", err)
	}
	eventually(t, "no stream is left", func() bool { return r.hub.Count() == 0 })
}

func TestHangUpIsSeenWithoutWriting(t *testing.T) {
	r := newReplica(t, redisURL(t), Limits{})
	s := r.connects(uuid.New())
	s.expects("ready")
	if _, err := s.conn.Write([]byte("a stray byte, behind which MSG_PEEK would miss the end")); err != nil {
		t.Fatal(err)
	}
	s.conn.Close()
	eventually(t, "the heartbeat found the hang-up", func() bool {
		r.hub.mu.Lock()
		var due []*stream
		for _, slot := range r.hub.wheel.slots {
			due = append(due, slot...)
		}
		r.hub.mu.Unlock()
		for _, s := range due {
			s.beat()
		}
		return r.hub.Count() == 0
	})
}

// TestStreamsLearnWhatIsAway: a page is told even that all is well again, since what it shows may be older than that; while Redis is away a
// new stream fetches, and is heard by way of hints.
func TestStreamsLearnWhatIsAway(t *testing.T) {
	r := newReplica(t, redisURL(t), Limits{})
	html := func() *reader {
		return r.connectsAs(chat.Stream{Person: uuid.New(), Address: netip.MustParseAddr("127.0.0.1")})
	}
	page := html()
	page.expects("ready")
	page.expects("mode")
	program := r.connects(uuid.New())
	program.expects("ready")
	r.hub.SetDown([]string{"kafka"})
	page.expects("mode")
	program.expects("mode") // nothing between it and ready
	late := r.connects(uuid.New())
	late.expects("ready")
	late.expects("mode")
}

func TestAStreamWithoutRedisFetches(t *testing.T) {
	server := redisOfOurOwn(t)
	r := newReplica(t, server.URL, Limits{})
	server.Kill()
	r.hub.SetDown([]string{"redis"})
	ada := uuid.New()
	s := r.connects(ada)
	s.expects("mode")
	s.expects("resync")
	r.hub.Deliver(ada, chat.FriendEvent{}) // a hint
	s.expects("friend")
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.expects("ready")
}
