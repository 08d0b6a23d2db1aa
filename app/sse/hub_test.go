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

// subscriptions confirms each channel at once, as Redis does a
// moment later.
type subscriptions struct {
	hub  *sse.Hub
	mu   sync.Mutex // guards adds
	adds map[chat.Channel]int
}

func (s *subscriptions) Add(channel chat.Channel) {
	s.mu.Lock()
	s.adds[channel]++
	first := s.adds[channel] == 1
	s.mu.Unlock()
	if first {
		s.hub.Subscribed(channel)
	}
}

func (s *subscriptions) Remove(channel chat.Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adds[channel]--
}

// noPresence ignores first and last streams.
type noPresence struct{}

func (noPresence) Arrive(uuid.UUID) {}
func (noPresence) Leave(uuid.UUID)  {}

func newHub(t testing.TB, limits sse.Limits) *sse.Hub {
	t.Helper()
	subs := &subscriptions{adds: map[chat.Channel]int{}}
	hub := sse.NewHub(sse.Deps{
		Subscriptions: subs,
		Presence:      noPresence{},
		Renderer:      ssetest.Plain{},
		OnInvalidate:  func(chat.InvalidateEvent) {},
		Logger:        slog.New(slog.DiscardHandler),
	}, limits)
	subs.hub = hub
	go func() { _ = hub.Run(t.Context()) }()
	return hub
}

func message(body string) chat.Message {
	return chat.Message{
		ID:             uuid.New(),
		ConversationID: uuid.New(),
		ClientID:       chat.NewID(),
		Sender:         chat.Person{ID: uuid.New()},
		Body:           body,
	}
}

func TestStreamLimits(t *testing.T) {
	hub := newHub(t, sse.Limits{PerUser: 2, PerAddress: 3})
	here, there := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	ada, bob := uuid.New(), uuid.New()
	program := chat.Stream{Person: ada, Address: here, Format: chat.StreamJSON}
	first := ssetest.Connect(t, hub, program)
	ssetest.Connect(t, hub, program)
	program.Address = there
	if err := hub.Reserve(program); chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("third stream of one person: %v, want an error of kind TooFast", err)
	}

	ssetest.Connect(t, hub, chat.Stream{Person: bob, Address: here})
	if err := hub.Reserve(chat.Stream{Person: uuid.New(), Address: here}); chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("fourth stream of one address: %v, want an error of kind TooFast", err)
	}

	first.Conn.Close()
	wait.Until(t, "a closed stream no longer counts", func() bool {
		return hub.Reserve(program) == nil
	})

	hub.Release(program)
}

// TestAPageEvictsTheOldestStream opens 30 pages of a person whose limit is 3. None is refused,
// and the last 3 are open.
func TestAPageEvictsTheOldestStream(t *testing.T) {
	hub := newHub(t, sse.Limits{PerUser: 3})
	page := chat.Stream{Person: uuid.New(), Session: uuid.New(), Address: netip.MustParseAddr("127.0.0.1")}
	program := page
	program.Format = chat.StreamJSON
	first := ssetest.Connect(t, hub, program)
	var pages []*ssetest.Reader
	for range 30 {
		wait.Until(t, "at most as many streams end as the limit", func() bool { return hub.Count() <= 5 })
		r := ssetest.Connect(t, hub, page)
		r.Expects("ready", "mode")
		pages = append(pages, r)
	}

	if line := first.Reads(); line != "ready" {
		t.Errorf("the program reads %q", line)
	}
	if line := first.Reads(); !strings.HasPrefix(line, "retry: ") {
		t.Errorf("the program reads %q, want a reconnect delay", line)
	}
	first.Ends()
	for _, r := range pages[:27] {
		r.Expects("event: evicted")
		r.Ends()
	}
	wait.Until(t, "the limit holds", func() bool { return hub.Count() == 3 })
	if err := hub.Reserve(program); chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("a program at the limit: %v, want an error of kind TooFast", err)
	}

	hub.Deliver(chat.Channel{Person: page.Person}, chat.ResyncEvent{})
	for _, r := range pages[27:] {
		r.Expects("resync")
	}
}

// TestHeartbeats: a page has heartbeats that say when the next one comes.
func TestHeartbeats(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	page := ssetest.Connect(t, hub, chat.Stream{Person: uuid.New(), Address: netip.MustParseAddr("127.0.0.1")})
	page.Expects("ready", "mode")
	page.ExpectsHeartbeat("event: heartbeat", "data: 4000", "")
}

func TestOnlyTheSlowReaderIsClosed(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	ada := uuid.New()
	slow, fast := ssetest.Connect(t, hub, ssetest.StreamOf(ada)), ssetest.Connect(t, hub, ssetest.StreamOf(ada))
	fast.Expects("ready")
	body := strings.Repeat("x", 16_000)
	for range 2_000 { // 32 MB: more than the buffers of a socket and a queue hold
		hub.Deliver(chat.Channel{Person: ada}, chat.MessageEvent{Message: message(body)})
		fast.Expects("message " + body + " own=false")
	}

	wait.Until(t, "the slow stream is closed", func() bool { return hub.Count() == 1 })
	slow.Ends()
}

func TestDrain(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	var streams []*ssetest.Reader
	for range 20 {
		s := ssetest.Connect(t, hub, ssetest.StreamOf(uuid.New()))
		s.Expects("ready")
		streams = append(streams, s)
	}

	go hub.Drain(context.Background(), 0)
	delays := map[string]bool{}
	for _, s := range streams {
		line := s.Reads()
		if !strings.HasPrefix(line, "retry: ") {
			t.Fatalf("read %q, want a reconnect delay", line)
		}
		delays[line] = true
		s.Ends()
	}

	if len(delays) < 10 {
		t.Errorf("20 streams have %d different delays, want at least 10", len(delays))
	}
	if err := hub.Reserve(chat.Stream{Person: uuid.New()}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("a new stream while draining: %v, want an error of kind Unavailable", err)
	}

	wait.Until(t, "no stream is left", func() bool { return hub.Count() == 0 })
}

func TestAHangUpEndsTheStream(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	s := ssetest.Connect(t, hub, ssetest.StreamOf(uuid.New()))
	s.Expects("ready")
	if _, err := s.Conn.Write([]byte("unread bytes, behind which MSG_PEEK would miss the FIN")); err != nil {
		t.Fatal(err)
	}

	s.Conn.Close()
	wait.Until(t, "the stream is closed", func() bool { return hub.Count() == 0 })
}

// TestStreamsReceiveTheMode expects a page to receive the mode even if nothing is down,
// because what it shows may be older. A JSON stream receives only outages.
func TestStreamsReceiveTheMode(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	page := ssetest.Connect(t, hub, chat.Stream{Person: uuid.New(), Address: netip.MustParseAddr("127.0.0.1")})
	page.Expects("ready", "mode")
	client := ssetest.Connect(t, hub, ssetest.StreamOf(uuid.New()))
	client.Expects("ready")

	hub.SetDown([]string{"kafka"})
	page.Expects("mode")
	client.Expects("mode") // with no event between it and ready
	later := ssetest.Connect(t, hub, ssetest.StreamOf(uuid.New()))
	later.Expects("ready", "mode")
}

// TestStreamsThatAreAttachedTooLate ends a session, or begins to drain, between the admission
// of a stream and its attachment.
func TestStreamsThatAreAttachedTooLate(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(*sse.Hub, chat.Stream)
		want      string
	}{
		"session ended": {func(h *sse.Hub, s chat.Stream) { h.EndSession(s.Session) }, "signout"},
		"invalidated": {
			func(h *sse.Hub, s chat.Stream) { h.Deliver(chat.Channel{}, chat.InvalidateEvent{Session: &s.Session}) },
			"signout",
		},
		"draining": {func(h *sse.Hub, _ chat.Stream) { h.Drain(context.Background(), 0) }, "retry"},
	} {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t, sse.Limits{})
			s := ssetest.StreamOf(uuid.New())
			reader := ssetest.ConnectAfter(t, hub, s, func() { test.meanwhile(hub, s) })
			for {
				got := reader.Reads()
				if strings.HasPrefix(got, test.want) {
					break
				}
				if got != "ready" {
					t.Fatalf("read %q, want %q", got, test.want)
				}
			}
			wait.Until(t, "the stream is closed", func() bool { return hub.Count() == 0 })
			if ids := hub.Sessions(); len(ids) != 0 {
				t.Errorf("sessions %v are left", ids)
			}
		})
	}
}

// TestSessionsEndByThemselves closes one session's streams beside others.
func TestSessionsEndByThemselves(t *testing.T) {
	hub := newHub(t, sse.Limits{})
	var readers []*ssetest.Reader
	var sessions []uuid.UUID
	for range 3 {
		s := ssetest.StreamOf(uuid.New())
		sessions = append(sessions, s.Session)
		for range 2 {
			r := ssetest.Connect(t, hub, s)
			r.Expects("ready")
			readers = append(readers, r)
		}
	}

	hub.EndSessions([]uuid.UUID{sessions[1], uuid.New()})
	for _, r := range readers[2:4] {
		r.Expects("signout")
		r.Ends()
	}
	wait.Until(t, "both streams are closed", func() bool { return hub.Count() == 4 })
	if got := hub.Sessions(); len(got) != 2 {
		t.Errorf("%d sessions are left, want 2", len(got))
	}
	hub.Deliver(chat.Channel{}, chat.ResyncEvent{})
	for i, r := range readers {
		if i < 2 || i > 3 {
			r.Expects("resync")
		}
	}
}
