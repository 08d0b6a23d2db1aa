package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
	"parley/test/services"
)

// through is the same database by way of the pooler.
func through(t *testing.T, pool *services.Service, direct string) postgres.Options {
	t.Helper()
	return postgres.Options{URL: postgrestest.At(t, pool, direct), Pooled: true, DirectURL: direct}
}

// TestBehindAPooler: by way of a real pgbouncer, which gives every transaction another connection. TestConformanceElsewhere has the rest of what a store
// promises.
func TestBehindAPooler(t *testing.T) {
	pool := postgrestest.Pooler(t)
	t.Run("at once", func(t *testing.T) {
		o := through(t, pool, postgrestest.URL(t))
		one, two := postgrestest.OpenWith(t, o), postgrestest.OpenWith(t, o)
		people := postgrestest.People(t, one, "Ada", "Bob")
		talk := postgrestest.Direct(t, one, people[0], people[1])
		w := one.NewWriter()
		defer w.Close()
		var all sync.WaitGroup
		errs := make(chan error, 200)
		for i := range 16 { // more than there are connections behind it
			all.Go(func() {
				for n := range 5 {
					_, err := []*postgres.Store{one, two}[i%2].StoreDirect(context.Background(), talk, direct(talk, people[i%2], fmt.Sprintf("%d: %d", i, n)))
					errs <- err
				}
			})
		}
		for n := range int64(20) {
			_, err := w.StoreBatch(context.Background(), logged(talk, people[0], fmt.Sprint("from the log: ", n), n))
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
		messages, _, err := two.Messages(context.Background(), talk, chat.Range{After: &first, Limit: 200})
		if err != nil || len(messages) != 100 || *messages[99].Seq != 100 {
			t.Errorf("%d messages, %v", len(messages), err)
		}
	})
	t.Run("hints", func(t *testing.T) {
		s := postgrestest.OpenWith(t, through(t, pool, postgrestest.URL(t)))
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		ready, heard := make(chan struct{}), make(chan chat.RelayEvent, 1)
		go func() { _ = s.Listen(ctx, func() { close(ready) }, func(h chat.RelayEvent) { heard <- h }) }()
		<-ready
		talk := uuid.New()
		if err := s.Notify(ctx, []chat.RelayEvent{{ConversationID: talk, Seq: 7}}); err != nil {
			t.Fatal(err)
		}
		if h := <-heard; h.ConversationID != talk {
			t.Errorf("heard %+v", h)
		}
	})
	t.Run("nothing is left on its connections", func(t *testing.T) {
		o := through(t, pool, postgrestest.URL(t))
		s := postgrestest.OpenWith(t, o)
		postgrestest.People(t, s, "Ada", "Bob")
		conn, err := pgx.Connect(context.Background(), strings.Replace(o.URL, "?", "?default_query_exec_mode=simple_protocol&", 1))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		for range 8 {
			var statements int
			var idle string
			err := conn.QueryRow(context.Background(), "SELECT (SELECT count(*) FROM pg_prepared_statements), current_setting('idle_in_transaction_session_timeout')").Scan(&statements, &idle)
			if err != nil || statements != 0 || idle != "0" {
				t.Fatalf("%d statements, idle %s, %v", statements, idle, err)
			}
		}
	})
}
