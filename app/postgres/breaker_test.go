package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
	"parley/test/wait"
)

// TestBreakerOpensAndRecovers checks, for a hung and for a killed server, that only
// the first calls wait, that later ones are rejected without a query, and that
// everything works again after the outage.
func TestBreakerOpensAndRecovers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	server := postgrestest.Server(t)
	for name, outage := range map[string]struct{ begin, end func() error }{
		"hung": {server.Pause, server.Resume},
		"killed": {
			func() error { server.Kill(); return nil },
			func() error { return server.Start(ctx) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := postgrestest.Open(t, postgrestest.URLAt(t, server.URL))
			ada, bob, conversation := friends(t, s)
			w := s.NewWriter()
			defer w.Close()
			_, err := w.StoreBatch(ctx, loggedMessage(conversation, ada, "before", 1))
			must(t, err)

			must(t, outage.begin())
			if _, err := s.Conversation(ctx, bob.ID, conversation); chat.KindOf(err) != chat.KindUnavailable {
				t.Fatalf("first call of the outage: error %v, want Unavailable", err)
			}
			wait.Until(t, "the breaker opens", func() bool { return s.Down() != nil })
			checkCallsAreRejected(t, s, conversation, bob)

			must(t, outage.end())
			wait.Until(t, "reads succeed", func() bool {
				_, err := s.Conversation(ctx, ada.ID, conversation)
				return err == nil
			})
			if err := s.Down(); err != nil {
				t.Errorf("reads succeed and Down returns %v", err)
			}
			wait.Until(t, "the writer stores", func() bool {
				_, err := w.StoreBatch(ctx, loggedMessage(conversation, ada, "after", 2))
				return err == nil
			})
			// The writer's lost connection may have tripped the breaker once more.
			m := directMessage(conversation, bob, "direct")
			wait.Until(t, "a direct write succeeds", func() bool {
				stored, err := s.StoreDirect(ctx, conversation, m)
				return err == nil && stored.Messages[0].Seq == 3
			})
		})
	}
}

func checkCallsAreRejected(t *testing.T, s *postgres.Store, conversation uuid.UUID, sender chat.Person) {
	t.Helper()
	ctx, before := context.Background(), s.Acquires()
	for range 100 {
		_, membership := s.Membership(ctx, chat.MembershipKey{Conversation: conversation, Person: sender.ID})
		_, _, messages := s.Messages(ctx, sender.ID, conversation, chat.Range{Limit: 10})
		_, write := s.StoreDirect(ctx, conversation, directMessage(conversation, sender, "rejected"))
		for _, err := range []error{membership, messages, write} {
			if chat.KindOf(err) != chat.KindUnavailable {
				t.Fatalf("a call while the breaker is open: error %v, want Unavailable", err)
			}
		}
		if errors.Is(write, chat.ErrUnknownOutcome) {
			t.Fatal("the outcome of a rejected write is reported as unknown")
		}
	}
	if after := s.Acquires(); after != before {
		t.Errorf("%d connections were acquired while the breaker was open", after-before)
	}
}

// TestLostConnectionsDontOpenTheBreaker checks that a healthy database is not
// reported as down because its connections broke.
func TestLostConnectionsDontOpenTheBreaker(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	ada := postgrestest.People(t, s, "Ada")[0]
	terminateConnections(t, url)
	wait.Until(t, "reads succeed", func() bool { _, err := s.Counts(ctx, ada.ID, uuid.Nil); return err == nil })
	if err := s.Down(); err != nil {
		t.Errorf("Down returns %v", err)
	}
}

// TestCallersDontTripTheBreaker checks that neither a caller who cancels nor one
// whose statement is rejected trips it.
func TestCallersDontTripTheBreaker(t *testing.T) {
	t.Parallel()
	s := postgrestest.New(t)
	ada, _, conversation := friends(t, s)
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() {
			_, err := s.Membership(ctx, chat.MembershipKey{Conversation: conversation, Person: ada.ID})
			ended <- err
		}()
		cancel()
		<-ended
		if s.Suspected() {
			t.Fatal("a cancelled call tripped the breaker")
		}
	}

	_, err := s.StoreDirect(context.Background(), conversation, directMessage(conversation, ada, "\x00"))
	if !errors.Is(err, chat.ErrContent) || s.Suspected() {
		t.Errorf("invalid bytes: error %v, want a content error; tripped = %v", err, s.Suspected())
	}
}

// TestReadOnlyDatabaseIsDown checks that a database that is read-only, as after a
// failover, is down, and that no message is blamed for it.
func TestReadOnlyDatabaseIsDown(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	ada, _, conversation := friends(t, s)
	w := s.NewWriter()
	defer w.Close()

	setReadOnly(t, url, "on")
	terminateConnections(t, url)
	batch := loggedMessage(conversation, ada, "waits", 1)
	wait.Until(t, "the breaker opens", func() bool {
		_, err := w.StoreBatch(ctx, batch)
		if chat.KindOf(err) != chat.KindUnavailable || errors.Is(err, chat.ErrContent) ||
			errors.Is(err, chat.ErrUnknownOutcome) {
			t.Fatalf("StoreBatch: error %v, want Unavailable only", err)
		}
		return s.Down() != nil
	})
	_, err := s.StoreDirect(ctx, conversation, directMessage(conversation, ada, "rejected"))
	if chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("StoreDirect: error %v, want Unavailable", err)
	}

	setReadOnly(t, url, "off")
	wait.Until(t, "the writer stores", func() bool { _, err := w.StoreBatch(ctx, batch); return err == nil })
	wait.Until(t, "a direct write succeeds", func() bool {
		_, err := s.StoreDirect(ctx, conversation, directMessage(conversation, ada, "stored"))
		return err == nil
	})
}
