package postgres_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
)

// ears listen until the test ends, or lose their connection.
type ears struct {
	ready chan struct{}
	heard chan chat.RelayEvent
	lost  chan error
}

func listens(t *testing.T, s *postgres.Store) *ears {
	t.Helper()
	e := &ears{ready: make(chan struct{}), heard: make(chan chat.RelayEvent, 1000), lost: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.lost <- s.Listen(ctx, func() { close(e.ready) }, func(h chat.RelayEvent) { e.heard <- h })
	}()
	t.Cleanup(func() { stop(); <-ended })
	select {
	case <-e.ready:
	case err := <-e.lost:
		t.Fatal(err)
	}
	return e
}

// TestHintsReachEveryListener on the database, in their order, more of them than one NOTIFY can hold, and no other database.
func TestHintsReachEveryListener(t *testing.T) {
	url := postgrestest.URL(t)
	one, two, other := postgrestest.Open(t, url), postgrestest.Open(t, url), postgrestest.New(t)
	here, there, elsewhere := listens(t, one), listens(t, two), listens(t, other)
	session := uuid.New()
	hints := []chat.RelayEvent{{Event: chat.InvalidateEvent{Session: &session}}}
	for i := range 200 {
		hints = append(hints, chat.RelayEvent{To: []uuid.UUID{uuid.New(), uuid.New()}, ConversationID: uuid.New(), Seq: int64(i)})
	}
	if err := one.Notify(context.Background(), hints); err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]*ears{"the notifier": here, "another replica": there} {
		if got := (<-e.heard).StreamEvent().(chat.InvalidateEvent); *got.Session != session {
			t.Errorf("%s heard first of %v", name, got)
		}
		for _, want := range hints[1:] {
			if got := <-e.heard; got.ConversationID != want.ConversationID || got.Seq != want.Seq || !slices.Equal(got.To, want.To) {
				t.Fatalf("%s heard %+v, want %+v", name, got, want)
			}
		}
	}
	if n := len(elsewhere.heard); n > 0 {
		t.Errorf("another database's replica heard %d", n)
	}
}

// TestAListenerKnowsThatItIsLost: its connection is gone, or leads to a database on which nobody notifies any more.
func TestAListenerKnowsThatItIsLost(t *testing.T) {
	url := postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	e := listens(t, s)
	terminate(t, url)
	if err := <-e.lost; chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("a connection that was ended: %v", err)
	}
	onlyReads(t, url, "on")
	if err := s.Listen(context.Background(), func() { t.Error("ready on a database that only reads") }, func(chat.RelayEvent) {}); err == nil {
		t.Error("it listens to a database that only reads")
	}
	onlyReads(t, url, "off")
	listens(t, s)
}

// TestAListenerNoticesSilence: a server that hangs says nothing of it.
func TestAListenerNoticesSilence(t *testing.T) {
	server := postgrestest.Server(t)
	e := listens(t, postgrestest.New(t))
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	if err := <-e.lost; chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("told %v", err)
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
}
