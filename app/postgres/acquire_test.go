package postgres_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// TestAFullPoolRefuses: with every connection at work, more calls are refused, however long their callers would wait; afterwards there is
// room again.
func TestAFullPoolRefuses(t *testing.T) {
	const connections = 16
	url := postgrestest.URL(t)
	s := postgrestest.Open(t, url+"&pool_max_conns="+strconv.Itoa(connections))
	ada := postgrestest.People(t, s, "Ada")[0]
	ctx := context.Background()
	lock, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close(ctx)
	held, err := lock.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(ctx, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	var busy sync.WaitGroup
	for range connections {
		busy.Go(func() { _ = s.Rename(ctx, ada.ID, "Ada") }) // waits for the lock, as long as it may
	}
	waiting := 0
	for waiting < connections {
		if err := held.QueryRow(ctx, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Ping(ctx); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("a call more: %v", err)
	}
	if err := held.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	busy.Wait()
	if _, err := s.Membership(ctx, uuid.New()); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("afterwards: %v", err)
	}
}
