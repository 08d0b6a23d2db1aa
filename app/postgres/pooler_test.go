package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
	"parley/test/services"
)

// poolerOptions lead to a database through the pooler.
func poolerOptions(t *testing.T, pooler *services.Service, direct string) postgres.Options {
	t.Helper()
	return postgres.Options{URL: postgrestest.At(t, pooler, direct), Pooled: true, DirectURL: direct}
}

// TestPooler runs stores through a real pgbouncer, which gives every transaction
// another connection. TestConformanceThroughPoolerAndStandby checks the rest of
// the store's contract.
func TestPooler(t *testing.T) {
	t.Parallel()
	pooler := postgrestest.Pooler(t)
	t.Run("concurrent writes", func(t *testing.T) {
		testConcurrentPooledWrites(t, poolerOptions(t, pooler, postgrestest.URL(t)))
	})
	t.Run("relay events", func(t *testing.T) {
		s := postgrestest.OpenWith(t, poolerOptions(t, pooler, postgrestest.URL(t)))
		l := listen(t, s)
		conversation := uuid.New()
		must(t, s.Notify(context.Background(), []chat.RelayEvent{{ConversationID: conversation, Seq: 7}}))
		if e := <-l.received; e.ConversationID != conversation {
			t.Errorf("received %+v, want conversation %s", e, conversation)
		}
	})
	t.Run("connections stay clean", func(t *testing.T) {
		o := poolerOptions(t, pooler, postgrestest.URL(t))
		s := postgrestest.OpenWith(t, o)
		postgrestest.People(t, s, "Ada", "Bob")

		conn := connect(t, strings.Replace(o.URL, "?", "?default_query_exec_mode=simple_protocol&", 1))
		for range 8 {
			var statements int
			var timeout string
			err := conn.QueryRow(context.Background(), `SELECT (SELECT count(*) FROM pg_prepared_statements),
				current_setting('idle_in_transaction_session_timeout')`).Scan(&statements, &timeout)
			if err != nil || statements != 0 || timeout != "0" {
				t.Fatalf("%d prepared statements, idle timeout %s, error %v; want none of them", statements, timeout, err)
			}
		}
	})
}

// testConcurrentPooledWrites writes from more goroutines than the pooler has
// connections to the server, through two stores, and from a writer.
func testConcurrentPooledWrites(t *testing.T, o postgres.Options) {
	ctx := context.Background()
	stores := []*postgres.Store{postgrestest.OpenWith(t, o), postgrestest.OpenWith(t, o)}
	ada, bob, conversation := friends(t, stores[0])
	senders := []chat.Person{ada, bob}
	w := stores[0].NewWriter()
	defer w.Close()

	var all sync.WaitGroup
	errs := make(chan error, 200)
	for i := range 16 {
		all.Go(func() {
			for n := range 5 {
				m := directMessage(conversation, senders[i%2], fmt.Sprintf("%d: %d", i, n))
				_, err := stores[i%2].StoreDirect(ctx, conversation, m)
				errs <- err
			}
		})
	}
	for n := range int64(20) {
		_, err := w.StoreBatch(ctx, loggedMessage(conversation, ada, fmt.Sprint("from the log: ", n), n))
		errs <- err
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}

	var first int64
	messages, _, err := stores[1].Messages(ctx, ada.ID, conversation, chat.Range{After: &first, Limit: 200})
	if err != nil || len(messages) != 100 || *messages[99].Seq != 100 {
		t.Errorf("%d messages, error %v; want 100 up to seq 100", len(messages), err)
	}
}
