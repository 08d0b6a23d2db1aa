package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
	"parley/test/services"
	"parley/test/wait"
)

// beside is the same database, with a standby for reading.
func beside(t *testing.T, standby *services.Service, primary string) postgres.Options {
	t.Helper()
	return postgres.Options{URL: primary, ReadURL: postgrestest.At(t, standby, primary)}
}

func administers(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// TestAStandbyServesNothingOld: whatever is read right after it was written is there, whether the standby follows, stands still, hangs, is gone, or has
// become a primary of its own; and it serves when it can.
func TestAStandbyServesNothingOld(t *testing.T) {
	ctx, primary := context.Background(), postgrestest.Server(t)
	standby := postgrestest.Standby(t, primary)
	o := beside(t, standby, postgrestest.URL(t))
	s := postgrestest.OpenWith(t, o)
	people := postgrestest.People(t, s, "Ada", "Bob")
	talk := postgrestest.Direct(t, s, people[0], people[1])
	other := postgrestest.Open(t, o.URL) // another replica, whose writes this one doesn't know of
	seq := int64(0)
	writesAndReads := func() {
		t.Helper()
		for range 10 {
			if _, err := other.StoreDirect(ctx, talk, direct(talk, people[0], fmt.Sprint("number ", seq))); err != nil {
				t.Fatal(err)
			}
			seq++
			messages, newest, err := s.Messages(ctx, talk, chat.Range{Limit: 50})
			if err != nil || !newest || len(messages) == 0 || *messages[len(messages)-1].Seq != seq {
				t.Fatalf("after number %d: %d messages, %v", seq, len(messages), err)
			}
			page, err := s.Conversations(ctx, people[1].ID, chat.ConversationQuery{Limit: 20})
			if err != nil || len(page.Conversations) != 1 || page.Conversations[0].LastSeq != seq || len(page.Conversations[0].Members) != 2 {
				t.Fatalf("after number %d: %+v, %v", seq, page, err)
			}
		}
	}
	serves := func() {
		t.Helper()
		before := s.StandbyReads()
		wait.Until(t, "the standby serves", func() bool {
			writesAndReads()
			return s.StandbyReads() > before
		})
	}
	serves()
	for _, outage := range []struct {
		name       string
		begin, end func()
	}{
		{"it stands still", func() { administers(t, standby.URL, "SELECT pg_wal_replay_pause()") }, func() { administers(t, standby.URL, "SELECT pg_wal_replay_resume()") }},
		{"it hangs", func() { must(t, standby.Pause()) }, func() { must(t, standby.Resume()) }},
		{"it is gone", standby.Kill, func() { must(t, standby.Start(ctx)) }},
	} {
		t.Run(outage.name, func(t *testing.T) {
			outage.begin()
			writesAndReads()
			before := s.StandbyReads()
			writesAndReads()
			if after := s.StandbyReads(); after != before {
				t.Errorf("it has served %d reads meanwhile", after-before)
			}
			outage.end()
			serves()
		})
	}
	t.Run("it has become a primary", func(t *testing.T) {
		administers(t, standby.URL, "SELECT pg_promote()")
		writesAndReads()
		before := s.StandbyReads()
		writesAndReads()
		if s.StandbyReads() != before {
			t.Error("it serves, and follows nobody")
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestAStandbyOfTheOldPrimary isn't believed: after a failover it may be further in a log that is nobody's any more.
func TestAStandbyOfTheOldPrimary(t *testing.T) {
	ctx, old := context.Background(), postgrestest.Server(t)
	next, left := postgrestest.Standby(t, old), postgrestest.Standby(t, old)
	url := postgrestest.URL(t)
	before := postgrestest.Open(t, url)
	people := postgrestest.People(t, before, "Ada", "Bob")
	talk := postgrestest.Direct(t, before, people[0], people[1])
	wait.Until(t, "the next primary has all", func() bool { return has(t, beside(t, next, url).ReadURL, talk) })
	administers(t, next.URL, "SELECT pg_promote()")
	for n := range 200 { // the old primary goes on for a while, and left with it
		_, err := before.StoreDirect(ctx, talk, direct(talk, people[0], fmt.Sprint("lost ", n)))
		must(t, err)
	}
	s := postgrestest.OpenWith(t, postgres.Options{URL: beside(t, next, url).ReadURL, ReadURL: beside(t, left, url).ReadURL})
	_, err := s.StoreDirect(ctx, talk, direct(talk, people[0], "kept"))
	must(t, err)
	messages, _, err := s.Messages(ctx, talk, chat.Range{Limit: 50})
	if err != nil || len(messages) != 1 || messages[0].Body != "kept" || s.StandbyReads() != 0 {
		t.Errorf("%d messages, %d read from the old one's standby, %v", len(messages), s.StandbyReads(), err)
	}
}

func has(t *testing.T, url string, conversation uuid.UUID) (found bool) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		return false
	}
	defer conn.Close(context.Background())
	err = conn.QueryRow(context.Background(), "SELECT count(*) = 2 FROM members WHERE conversation_id = $1", conversation).Scan(&found)
	return err == nil && found
}

// TestConformanceElsewhere: all that a store promises, written by way of a pooler, and read from a standby by a user who is no superuser.
func TestConformanceElsewhere(t *testing.T) {
	primary := postgrestest.Server(t)
	standby, pool := postgrestest.Standby(t, primary), postgrestest.Pooler(t)
	administers(t, primary.URL, "CREATE ROLE reader LOGIN PASSWORD 'reader' IN ROLE pg_read_all_data")
	var served uint64
	chattest.TestStore(t, func(t *testing.T) chat.Store {
		direct := postgrestest.URL(t)
		o := through(t, pool, direct)
		u, err := url.Parse(beside(t, standby, direct).ReadURL)
		must(t, err)
		u.User = url.UserPassword("reader", "reader")
		o.ReadURL = u.String()
		s := postgrestest.OpenWith(t, o)
		t.Cleanup(func() { served += s.StandbyReads() })
		return s
	})
	if served == 0 {
		t.Error("the standby has served nothing")
	}
}
