package postgres_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
)

// friends makes two friends with a conversation.
func friends(t *testing.T, s *postgres.Store) (ada, bob chat.Person, conversation uuid.UUID) {
	t.Helper()
	people := postgrestest.People(t, s, "Ada", "Bob")
	return people[0], people[1], postgrestest.Direct(t, s, people[0], people[1])
}

// directMessage returns a new message for StoreDirect.
func directMessage(conversation uuid.UUID, sender chat.Person, body string) []chat.Message {
	client := chat.NewID()
	return []chat.Message{{
		ID:             chat.MessageID(sender.ID, conversation, client, body),
		ConversationID: conversation,
		ClientID:       client,
		Sender:         sender,
		Body:           body,
		SentAt:         chat.At(time.Now()),
	}}
}

// loggedMessage returns a new message for StoreBatch.
func loggedMessage(conversation uuid.UUID, sender chat.Person, body string, offset int64) []chat.Message {
	m := directMessage(conversation, sender, body)
	m[0].LogOffset = &offset
	return m
}

// connect opens a connection that is closed when the test ends.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// setReadOnly makes new connections to a database read-only ("on") or not ("off").
func setReadOnly(t *testing.T, url, value string) {
	t.Helper()
	execOnServer(t, "ALTER DATABASE "+databaseName(t, url)+" SET default_transaction_read_only = "+value)
}

// terminateConnections closes all connections to a database.
func terminateConnections(t *testing.T, url string) {
	t.Helper()
	execOnServer(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+databaseName(t, url)+"'")
}

func databaseName(t *testing.T, url string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	must(t, err)
	return cfg.Database
}

func execOnServer(t *testing.T, sql string) {
	t.Helper()
	postgrestest.Exec(t, os.Getenv("PARLEY_TEST_DATABASE_URL"), sql)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
