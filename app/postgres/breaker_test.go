package postgres_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
	"parley/test/wait"
)

func direct(conversation uuid.UUID, sender chat.Person, body string) []chat.Message {
	client := chat.NewID()
	return []chat.Message{{
		ID: chat.MessageID(sender.ID, conversation, client, body), ConversationID: conversation, ClientID: client, Sender: sender, Body: body, SentAt: chat.At(time.Now()),
	}}
}

func logged(conversation uuid.UUID, sender chat.Person, body string, offset int64) []chat.Message {
	m := direct(conversation, sender, body)
	m[0].LogOffset = &offset
	return m
}

// TestASilentDatabaseIsWaitedForOnce, then not asked until it answers by itself; for a server that hangs, and for one that is gone.
func TestASilentDatabaseIsWaitedForOnce(t *testing.T) {
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
			s := postgrestest.New(t)
			people := postgrestest.People(t, s, "Ada", "Bob")
			talk := postgrestest.Direct(t, s, people[0], people[1])
			w := s.NewWriter()
			defer w.Close()
			if _, err := w.StoreBatch(ctx, logged(talk, people[0], "before", 1)); err != nil {
				t.Fatal(err)
			}
			if err := outage.begin(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Membership(ctx, talk); chat.KindOf(err) != chat.KindUnavailable {
				t.Fatalf("answered with %v", err)
			}
			wait.Until(t, "the breaker stays open", func() bool { return s.Away() != nil })
			asked := s.Asked()
			for range 100 {
				_, read := s.Membership(ctx, talk)
				_, _, list := s.Messages(ctx, talk, chat.Range{Limit: 10})
				_, written := s.StoreDirect(ctx, talk, direct(talk, people[1], "refused"))
				if chat.KindOf(read) != chat.KindUnavailable || chat.KindOf(list) != chat.KindUnavailable || chat.KindOf(written) != chat.KindUnavailable {
					t.Fatalf("while it is away: %v, %v, %v", read, list, written)
				}
				if errors.Is(written, chat.ErrUnknownOutcome) {
					t.Fatal("a write that was refused unasked is called unknown")
				}
			}
			if now := s.Asked(); now != asked {
				t.Errorf("the database was asked %d times while it is away", now-asked)
			}
			if err := outage.end(); err != nil {
				t.Fatal(err)
			}
			wait.Until(t, "it is asked again", func() bool { _, err := s.Membership(ctx, talk); return err == nil })
			if err := s.Away(); err != nil {
				t.Errorf("away for %v", err)
			}
			wait.Until(t, "the writer goes on", func() bool { _, err := w.StoreBatch(ctx, logged(talk, people[0], "after", 2)); return err == nil })
			m := direct(talk, people[1], "direct")
			wait.Until(t, "a direct write goes through", func() bool { // the writer's lost connection may have cost another moment
				stored, err := s.StoreDirect(ctx, talk, m)
				return err == nil && stored.Messages[0].Seq == 3
			})
		})
	}
}

// TestALostConnectionCostsAMoment: its database is well, and nobody is told that it is away.
func TestALostConnectionCostsAMoment(t *testing.T) {
	ctx := context.Background()
	url := postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	ada := postgrestest.People(t, s, "Ada")[0]
	terminate(t, url)
	wait.Until(t, "it is asked again", func() bool { _, err := s.Counts(ctx, ada.ID); return err == nil })
	if err := s.Away(); err != nil {
		t.Errorf("away for %v", err)
	}
}

// TestCallersThatLeaveOpenNothing, nor do those whose statement is refused.
func TestCallersThatLeaveOpenNothing(t *testing.T) {
	s := postgrestest.New(t)
	people := postgrestest.People(t, s, "Ada", "Bob")
	talk := postgrestest.Direct(t, s, people[0], people[1])
	for range 20 {
		ctx, leave := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { _, err := s.Membership(ctx, talk); ended <- err }()
		leave()
		<-ended
		if s.Refusing() {
			t.Fatal("a caller who left opened the breaker")
		}
	}
	if _, err := s.StoreDirect(context.Background(), talk, direct(talk, people[0], "\x00")); !errors.Is(err, chat.ErrContent) || s.Refusing() {
		t.Errorf("bad bytes: %v, refusing %v", err, s.Refusing())
	}
}

// TestADatabaseThatOnlyReads, as one does after a failover: it is away, and no message is to blame.
func TestADatabaseThatOnlyReads(t *testing.T) {
	ctx := context.Background()
	url := postgrestest.URL(t)
	s := postgrestest.Open(t, url)
	people := postgrestest.People(t, s, "Ada", "Bob")
	talk := postgrestest.Direct(t, s, people[0], people[1])
	w := s.NewWriter()
	defer w.Close()
	onlyReads(t, url, "on")
	terminate(t, url)
	batch := logged(talk, people[0], "waits", 1)
	wait.Until(t, "it is away", func() bool {
		_, err := w.StoreBatch(ctx, batch)
		if chat.KindOf(err) != chat.KindUnavailable || errors.Is(err, chat.ErrContent) || errors.Is(err, chat.ErrUnknownOutcome) {
			t.Fatalf("the writer is told %v", err)
		}
		return s.Away() != nil
	})
	if _, err := s.StoreDirect(ctx, talk, direct(talk, people[0], "no")); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("a direct write is told %v", err)
	}
	onlyReads(t, url, "off")
	wait.Until(t, "the writer stores", func() bool { _, err := w.StoreBatch(ctx, batch); return err == nil })
	wait.Until(t, "a direct write is stored", func() bool { _, err := s.StoreDirect(ctx, talk, direct(talk, people[0], "yes")); return err == nil })
}

func onlyReads(t *testing.T, url, on string) {
	t.Helper()
	administer(t, "ALTER DATABASE "+mustParse(t, url).Database+" SET default_transaction_read_only = "+on)
}

func terminate(t *testing.T, url string) {
	t.Helper()
	administer(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+mustParse(t, url).Database+"'")
}

func mustParse(t *testing.T, url string) *pgx.ConnConfig {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func administer(t *testing.T, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv("PARLEY_TEST_DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}
