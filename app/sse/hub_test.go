package sse_test

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse"
	"parley/app/sse/ssetest"
	"parley/test/wait"
)

// subscriptions confirms each person's first stream at once, as Redis does a
// moment later.
type subscriptions struct {
	hub  *sse.Hub
	mu   sync.Mutex // guards adds
	adds map[uuid.UUID]int
}

func (s *subscriptions) Add(person uuid.UUID) {
	s.mu.Lock()
	s.adds[person]++
	first := s.adds[person] == 1
	s.mu.Unlock()
	if first {
		s.hub.Subscribed(person)
	}
}

func (s *subscriptions) Remove(person uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adds[person]--
}

// nobody ignores who comes and leaves.
type nobody struct{}

func (nobody) Arrive(uuid.UUID) {}
func (nobody) Leave(uuid.UUID)  {}

func newHub(t *testing.T, limits sse.Limits) *sse.Hub {
	t.Helper()
	subs := &subscriptions{adds: map[uuid.UUID]int{}}
	hub := sse.NewHub(subs, nobody{}, ssetest.Plain{}, limits, slog.New(slog.DiscardHandler), func(chat.InvalidateEvent) {})
	subs.hub = hub
	go hub.Run(t.Context())
	return hub
}

func message(body string) chat.Message {
	return chat.Message{ID: uuid.New(), ConversationID: uuid.New(), ClientID: chat.NewID(), Sender: chat.Person{ID: uuid.New()}, Body: body}
}

func TestLimitsOfStreams(t *testing.T) {
	hub := newHub(t, sse.Limits{PerUser: 2, PerAddress: 3})
	here, there := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	ada, bob := uuid.New(), uuid.New()
	first := ssetest.Connect(t, hub, chat.Stream{Person: ada, Address: here})
	ssetest.Connect(t, hub, chat.Stream{Person: ada, Address: here})
	if err := hub.Reserve(chat.Stream{Person: ada, Address: there}); chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("a third stream of one person: %v", err)
	}
	ssetest.Connect(t, hub, chat.Stream{Person: bob, Address: here})
	if err := hub.Reserve(chat.Stream{Person: uuid.New(), Address: here}); chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("a fourth stream of one address: %v", err)
	}
	first.Conn.Close()
	wait.Until(t, "the place of a stream that left is free", func() bool {
		hub.Deliver(ada, chat.ResyncEvent{}) // a write finds out, sooner than the heartbeat
		return hub.Reserve(chat.Stream{Person: ada, Address: there}) == nil
	})
	hub.Release(chat.Stream{Person: ada, Address: there})
}

func TestSlowReaderIsClosedAndOthersAreNot(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	ada := uuid.New()
	slow, quick := ssetest.Connect(t, hub, ssetest.StreamOf(ada)), ssetest.Connect(t, hub, ssetest.StreamOf(ada))
	quick.Expects("ready")
	body := strings.Repeat("x", 16_000)
	for range 2_000 { // 32 MB: more than a socket and its queue hold
		hub.Deliver(ada, chat.MessageEvent{Message: message(body)})
		quick.Expects("message " + body + " own=false")
	}
	wait.Until(t, "the stream that nobody reads is closed", func() bool { return hub.Count() == 1 })
	slow.Ends()
}

func TestDrainSendsStreamsElsewhere(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	var all []*ssetest.Reader
	for range 20 {
		s := ssetest.Connect(t, hub, ssetest.StreamOf(uuid.New()))
		s.Expects("ready")
		all = append(all, s)
	}
	go hub.Drain(context.Background(), 0)
	delays := map[string]bool{}
	for _, s := range all {
		line := s.Reads()
		if !strings.HasPrefix(line, "retry: ") {
			t.Fatalf("read %q", line)
		}
		delays[line] = true
		s.Ends()
	}
	if len(delays) < 10 {
		t.Errorf("20 streams come back at %d different times", len(delays))
	}
	if err := hub.Reserve(chat.Stream{Person: uuid.New()}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("a draining hub answers %v", err)
	}
	wait.Until(t, "no stream is left", func() bool { return hub.Count() == 0 })
}

func TestHangUpIsSeenWithoutWriting(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	s := ssetest.Connect(t, hub, ssetest.StreamOf(uuid.New()))
	s.Expects("ready")
	if _, err := s.Conn.Write([]byte("a stray byte, behind which MSG_PEEK would miss the end")); err != nil {
		t.Fatal(err)
	}
	s.Conn.Close()
	wait.Until(t, "the heartbeat found the hang-up", func() bool {
		hub.BeatAll()
		return hub.Count() == 0
	})
}

// TestStreamsLearnWhatIsAway: a page is told even that all is well again, since what it shows may be older than that; while Redis is away a
// new stream fetches, and is heard by way of hints.
func TestStreamsLearnWhatIsAway(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	html := func() *ssetest.Reader {
		return ssetest.Connect(t, hub, chat.Stream{Person: uuid.New(), Address: netip.MustParseAddr("127.0.0.1")})
	}
	page := html()
	page.Expects("ready")
	page.Expects("mode")
	program := ssetest.Connect(t, hub, ssetest.StreamOf(uuid.New()))
	program.Expects("ready")
	hub.SetDown([]string{"kafka"})
	page.Expects("mode")
	program.Expects("mode") // nothing between it and ready
	late := ssetest.Connect(t, hub, ssetest.StreamOf(uuid.New()))
	late.Expects("ready")
	late.Expects("mode")
}
