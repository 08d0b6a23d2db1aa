package e2e

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// connect opens a connection to a database until the test ends.
func connect(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// sharedDatabase opens a connection to the suite's database until the test ends.
func sharedDatabase(t *testing.T) *pgx.Conn {
	t.Helper()
	return connect(t, suite.services.Postgres.URL)
}

// execute runs a statement. It is for cleanups, too, in which the context of the test has ended.
func execute(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// newDatabase creates an empty database on the suite's server, and returns its address.
func newDatabase(t *testing.T) string {
	t.Helper()
	name := "e2e_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	execute(t, sharedDatabase(t), "CREATE DATABASE "+name)
	u, err := url.Parse(suite.services.Postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = name
	return u.String()
}

// conversationID is the id in the path of a conversation.
func conversationID(path string) string { return strings.TrimPrefix(path, "/conversations/") }

// storedIDs are the ids of the stored messages of a conversation, ordered by seq.
func storedIDs(t *testing.T, conversation string) []string {
	t.Helper()
	conn := sharedDatabase(t)
	defer conn.Close(context.Background()) // it may be called in a loop
	rows, err := conn.Query(t.Context(),
		"SELECT id::text FROM messages WHERE conversation_id = $1 ORDER BY seq", conversationID(conversation))
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// storeHistory stores n messages in an empty conversation, the last of them a day old. Both members
// have read the first ones up to the seq read.
func storeHistory(t *testing.T, conversation string, n, read int) {
	t.Helper()
	conn := sharedDatabase(t)
	execute(t, conn, `INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, body, sent_at)
		SELECT m.conversation_id, i, gen_random_uuid(), m.user_id, gen_random_uuid(), 'said ' || i,
			now() - ($2 - i) * interval '5 minutes' - interval '1 day'
		FROM generate_series(1, $2::int) i JOIN LATERAL
			(SELECT * FROM members WHERE conversation_id = $1 ORDER BY user_id OFFSET i % 2 LIMIT 1) m ON true`,
		conversationID(conversation), n)
	execute(t, conn, "UPDATE members SET read_seq = $2 WHERE conversation_id = $1", conversationID(conversation), read)
}

// unreadFrom makes all messages after a seq the other member's, so that a person hasn't read them:
// the conversation, the person, the seq.
const unreadFrom = `UPDATE messages SET sender_id = (SELECT sender_id FROM messages
	WHERE conversation_id = $1 AND sender_id <> $2 LIMIT 1) WHERE conversation_id = $1 AND seq > $3`
