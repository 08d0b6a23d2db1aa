package postgres_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
)

// listener is a running Listen.
type listener struct {
	ready    chan struct{}
	received chan chat.RelayEvent
	ended    chan error
}

// listen listens until the test ends or the connection is lost. It returns when
// no further event can be missed.
func listen(t *testing.T, s *postgres.Store) *listener {
	t.Helper()
	l := &listener{
		ready:    make(chan struct{}),
		received: make(chan chat.RelayEvent, 1000),
		ended:    make(chan error, 1),
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.ended <- s.Listen(ctx, func() { close(l.ready) }, func(e chat.RelayEvent) { l.received <- e })
	}()
	t.Cleanup(func() { stop(); <-done })

	select {
	case <-l.ready:
	case err := <-l.ended:
		t.Fatal(err)
	}
	return l
}

// TestRelayReachesEveryListener checks that every listener of a database receives
// all events in order, more of them than one NOTIFY can hold, and that no listener
// of another database does.
func TestRelayReachesEveryListener(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	one, two, other := postgrestest.Open(t, url), postgrestest.Open(t, url), postgrestest.New(t)
	listeners := map[string]*listener{"the publisher": listen(t, one), "another replica": listen(t, two)}
	unrelated := listen(t, other)

	session := uuid.New()
	events := []chat.RelayEvent{{Event: chat.InvalidateEvent{Session: &session}}}
	for i := range 200 {
		events = append(events, chat.RelayEvent{
			To:             chat.ToPeople(uuid.New(), uuid.New()),
			ConversationID: uuid.New(),
			Seq:            int64(i),
		})
	}
	must(t, one.Notify(context.Background(), events))

	for name, l := range listeners {
		if got := (<-l.received).StreamEvent().(chat.InvalidateEvent); *got.Session != session {
			t.Errorf("%s received %v first, want the ended session", name, got)
		}
		for _, want := range events[1:] {
			got := <-l.received
			if got.ConversationID != want.ConversationID || got.Seq != want.Seq || !got.To.Same(want.To) {
				t.Fatalf("%s received %+v, want %+v", name, got, want)
			}
		}
	}
	if n := len(unrelated.received); n > 0 {
		t.Errorf("a listener of another database received %d events", n)
	}
}

// TestListenReturnsWhenItMissesEvents checks that Listen ends when its connection
// is lost, and doesn't begin on a read-only database, where nothing is published.
func TestListenReturnsWhenItMissesEvents(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	l := listen(t, s)
	terminateConnections(t, url)
	if err := <-l.ended; chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("terminated connection: error %v, want Unavailable", err)
	}

	setReadOnly(t, url, "on")
	ready := func() { t.Error("ready was called on a read-only database") }
	if err := s.Listen(context.Background(), ready, func(chat.RelayEvent) {}); err == nil {
		t.Error("Listen succeeded on a read-only database")
	}
	setReadOnly(t, url, "off")
	listen(t, s)
}

// TestListenReturnsWhenTheServerHangs checks that Listen detects a server that
// sends nothing.
func TestListenReturnsWhenTheServerHangs(t *testing.T) {
	t.Parallel()
	server := postgrestest.Server(t)
	l := listen(t, postgrestest.Open(t, postgrestest.URLAt(t, server.URL)))
	must(t, server.Pause())
	if err := <-l.ended; chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("hung server: error %v, want Unavailable", err)
	}
	must(t, server.Resume())
}
