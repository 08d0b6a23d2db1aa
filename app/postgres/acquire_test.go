package postgres_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// TestFullPoolRejectsCalls checks that a call fails while all connections are in
// use, however long its caller would wait, and that calls succeed afterwards.
func TestFullPoolRejectsCalls(t *testing.T) {
	t.Parallel()
	const connections = 16
	ctx, url := context.Background(), postgrestest.URL(t)
	s := postgrestest.Open(t, url+"&pool_max_conns="+strconv.Itoa(connections))
	ada := postgrestest.People(t, s, "Ada")[0]

	held, err := connect(t, url).Begin(ctx)
	must(t, err)
	_, err = held.Exec(ctx, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
	must(t, err)

	var busy sync.WaitGroup
	for range connections {
		busy.Go(func() { _ = s.Rename(ctx, ada.ID, "Ada") }) // waits for the lock until its timeout
	}
	const countWaiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass"
	for waiting := 0; waiting < connections; {
		must(t, held.QueryRow(ctx, countWaiting).Scan(&waiting))
	}

	if err := s.Ping(ctx); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("a call with a full pool: error %v, want Unavailable", err)
	}
	must(t, held.Rollback(ctx))
	busy.Wait()
	if _, err := s.Membership(ctx, chat.MembershipKey{Conversation: uuid.New()}); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("a call afterwards: error %v, want NotFound", err)
	}
}
