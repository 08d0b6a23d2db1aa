package postgres_test

import (
	"context"
	"testing"

	"parley/app/chat/chattest"
	"parley/app/postgres/postgrestest"
)

// TestNothingNamesDeletedAccounts checks the rows after changes that raced with the
// deletion of an account.
func TestNothingNamesDeletedAccounts(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	chattest.TestDeletionRaces(t, postgrestest.Open(t, url))
	conn := connect(t, url)
	for _, query := range []string{
		"SELECT count(*) FROM friendships JOIN users u ON u.id IN (low_id, high_id) WHERE u.deleted_at IS NOT NULL",
		"SELECT count(*) FROM friend_requests JOIN users u ON u.id IN (asker_id, asked_id) WHERE u.deleted_at IS NOT NULL",
		"SELECT count(*) FROM blocks JOIN users u ON u.id = blocker_id WHERE u.deleted_at IS NOT NULL",
		"SELECT count(*) FROM drafts JOIN users u ON u.id = user_id WHERE u.deleted_at IS NOT NULL",
		"SELECT count(*) FROM sessions JOIN users u ON u.id = user_id WHERE u.deleted_at IS NOT NULL",
		"SELECT count(*) FROM identities JOIN users u ON u.id = user_id WHERE u.deleted_at IS NOT NULL",
		"SELECT count(*) FROM users WHERE deleted_at IS NOT NULL AND (seen_at IS NOT NULL OR name <> 'Deleted person')",
		"SELECT count(*) FROM friendships f JOIN blocks b ON b.blocker_id IN (low_id, high_id) AND b.blocked_id IN (low_id, high_id)",
		"SELECT count(*) FROM users WHERE deleted_at IS NOT NULL AND picture <> ''",
		"SELECT count(*) FROM pictures",
		"SELECT abs(count(*) - 8) FROM users WHERE deleted_at IS NOT NULL",
	} {
		var n int
		must(t, conn.QueryRow(context.Background(), query).Scan(&n))
		if n != 0 {
			t.Errorf("%d rows: %s", n, query)
		}
	}
}
