package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"
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

// standbyReader writes through one store and reads through another, which has a
// standby.
type standbyReader struct {
	t            *testing.T
	reader       *postgres.Store
	writer       *postgres.Store // another replica, whose writes the reader doesn't know of
	sender       chat.Person
	viewer       chat.Person
	conversation uuid.UUID
	lastSeq      int64
}

// writeAndRead checks ten times that what was just written is read.
func (r *standbyReader) writeAndRead() {
	r.t.Helper()
	ctx := context.Background()
	for range 10 {
		m := directMessage(r.conversation, r.sender, fmt.Sprint("number ", r.lastSeq))
		_, err := r.writer.StoreDirect(ctx, r.conversation, m)
		must(r.t, err)
		r.lastSeq++

		messages, newest, err := r.reader.Messages(ctx, r.sender.ID, r.conversation, chat.Range{Limit: 50})
		if err != nil || !newest || len(messages) == 0 || *messages[len(messages)-1].Seq != r.lastSeq {
			r.t.Fatalf("after seq %d: read %d messages, error %v", r.lastSeq, len(messages), err)
		}
		page, err := r.reader.Conversations(ctx, r.viewer.ID, chat.ConversationQuery{Limit: 20})
		if err != nil || len(page.Conversations) != 1 || page.Conversations[0].LastSeq != r.lastSeq ||
			len(page.Conversations[0].Members) != 2 {
			r.t.Fatalf("after seq %d: read conversations %+v, error %v", r.lastSeq, page, err)
		}
	}
}

// untilServed waits until the standby serves reads.
func (r *standbyReader) untilServed() {
	r.t.Helper()
	before := r.reader.StandbyReads()
	wait.Until(r.t, "the standby serves reads", func() bool {
		r.writeAndRead()
		return r.reader.StandbyReads() > before
	})
}

// checkNotServed checks that a suspended standby serves no reads. The first reads
// suspend it.
func (r *standbyReader) checkNotServed() {
	r.t.Helper()
	r.writeAndRead()
	before := r.reader.StandbyReads()
	r.writeAndRead()
	if after := r.reader.StandbyReads(); after != before {
		r.t.Errorf("the standby served %d reads", after-before)
	}
}

// TestStandbyReadsAreCurrent checks that a read returns what was written just
// before, whether the standby follows, is paused, hangs, is down, or was promoted;
// and that the standby serves reads when it can.
func TestStandbyReadsAreCurrent(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Server(t)
	standby, database := postgrestest.Standby(t, primary), postgrestest.URLAt(t, primary.URL)
	r := &standbyReader{
		t:      t,
		reader: postgrestest.OpenWith(t, postgres.Options{URL: database, ReadURL: postgrestest.At(t, standby, database)}),
		writer: postgrestest.Open(t, database),
	}
	r.sender, r.viewer, r.conversation = friends(t, r.reader)
	r.untilServed()

	exec := func(sql string) { t.Helper(); postgrestest.Exec(t, standby.URL, sql) }
	for _, outage := range []struct {
		name       string
		begin, end func()
	}{
		{
			"replay paused",
			func() { exec("SELECT pg_wal_replay_pause()") },
			func() { exec("SELECT pg_wal_replay_resume()") },
		},
		{
			"hung",
			func() { must(t, standby.Pause()) },
			func() { must(t, standby.Resume()) },
		},
		{
			"killed",
			standby.Kill,
			func() { must(t, standby.Start(context.Background())) },
		},
	} {
		t.Run(outage.name, func(t *testing.T) {
			r.t = t
			outage.begin()
			r.checkNotServed()
			outage.end()
			r.untilServed()
		})
	}
	t.Run("promoted", func(t *testing.T) {
		r.t = t
		exec("SELECT pg_promote()")
		r.checkNotServed()
	})
}

// TestStandbyOfTheOldPrimary checks that after a failover no read is served by a
// standby of the old primary, whose log may be longer and holds other data.
func TestStandbyOfTheOldPrimary(t *testing.T) {
	t.Parallel()
	ctx, oldPrimary := context.Background(), postgrestest.Server(t)
	newPrimary, oldStandby := postgrestest.Standby(t, oldPrimary), postgrestest.Standby(t, oldPrimary)
	database := postgrestest.URLAt(t, oldPrimary.URL)
	before := postgrestest.Open(t, database)
	ada, _, conversation := friends(t, before)

	newURL := postgrestest.At(t, newPrimary, database)
	wait.Until(t, "the new primary has the conversation", func() bool { return hasMembers(newURL, conversation) })
	postgrestest.Exec(t, newPrimary.URL, "SELECT pg_promote()")
	for n := range 200 { // the old primary's log becomes longer
		_, err := before.StoreDirect(ctx, conversation, directMessage(conversation, ada, fmt.Sprint("lost ", n)))
		must(t, err)
	}

	s := postgrestest.OpenWith(t, postgres.Options{URL: newURL, ReadURL: postgrestest.At(t, oldStandby, database)})
	_, err := s.StoreDirect(ctx, conversation, directMessage(conversation, ada, "kept"))
	must(t, err)
	messages, _, err := s.Messages(ctx, ada.ID, conversation, chat.Range{Limit: 50})
	if err != nil || len(messages) != 1 || messages[0].Body != "kept" || s.StandbyReads() != 0 {
		t.Errorf("%d messages, %d reads from the old standby, error %v", len(messages), s.StandbyReads(), err)
	}
}

func hasMembers(url string, conversation uuid.UUID) (found bool) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	const query = "SELECT count(*) = 2 FROM members WHERE conversation_id = $1"
	err = conn.QueryRow(ctx, query, conversation).Scan(&found)
	return err == nil && found
}

// TestConformanceThroughPoolerAndStandby runs the conformance suite with writes
// through a pooler, and reads from a standby by a user who is no superuser.
func TestConformanceThroughPoolerAndStandby(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Server(t)
	standby, pooler := postgrestest.Standby(t, primary), postgrestest.PoolerAt(t, primary.URL)
	postgrestest.Exec(t, primary.URL, "CREATE ROLE reader LOGIN PASSWORD 'reader' IN ROLE pg_read_all_data")

	var served atomic.Uint64
	t.Cleanup(func() {
		if served.Load() == 0 {
			t.Error("the standby served no reads")
		}
	})
	chattest.TestStore(t, func(t *testing.T) chat.Store {
		database := postgrestest.URLAt(t, primary.URL)
		o := poolerOptions(t, pooler, database)
		o.ReadURL = asReader(t, standby, database)
		s := postgrestest.OpenWith(t, o)
		t.Cleanup(func() { served.Add(s.StandbyReads()) })
		return s
	})
}

func asReader(t *testing.T, standby *services.Service, database string) string {
	t.Helper()
	u, err := url.Parse(postgrestest.At(t, standby, database))
	must(t, err)
	u.User = url.UserPassword("reader", "reader")
	return u.String()
}
