package postgres_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
	"parley/test/wait"
)

// strangeDefaults are settings of a database that would change what the code means.
var strangeDefaults = []string{
	"default_transaction_isolation = 'serializable'",
	"default_transaction_deferrable = on",
	"synchronous_commit = off",
	"statement_timeout = '1ms'",
	"lock_timeout = '1ms'",
	"idle_session_timeout = '1ms'",
	"timezone = 'Pacific/Kiritimati'",
	"datestyle = 'SQL, DMY'",
	"intervalstyle = 'sql_standard'",
	"bytea_output = 'escape'",
	"standard_conforming_strings = off",
	"transform_null_equals = on",
	"gin_fuzzy_search_limit = 1",
}

// TestDefaultsOfTheDatabaseChangeNothing runs races in a database with strange
// defaults, which ended in serialization failures and timeouts.
func TestDefaultsOfTheDatabaseChangeNothing(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	for _, setting := range strangeDefaults {
		execOnServer(t, "ALTER DATABASE "+databaseName(t, database)+" SET "+setting)
	}
	s := postgrestest.Open(t, database)
	chattest.TestDeletionRaces(t, s)
	people := postgrestest.People(t, s, "A", "B", "C", "D", "E")
	if found, err := s.SearchPeople(context.Background(), people[0].ID, "b", time.Now(), 20); err != nil || len(found) != 1 {
		t.Errorf("search: %d people, error %v; want 1", len(found), err)
	}
}

// TestAcknowledgedMessagesOutliveACrash checks that a server that commits without
// waiting for its disk loses nothing that was acknowledged.
func TestAcknowledgedMessagesOutliveACrash(t *testing.T) {
	t.Parallel()
	server := postgrestest.Server(t)
	ctx, database := context.Background(), postgrestest.URLAt(t, server.URL)
	for _, setting := range []string{"synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = 0"} {
		postgrestest.Exec(t, server.URL, "ALTER SYSTEM SET "+setting)
	}
	postgrestest.Exec(t, server.URL, "SELECT pg_reload_conf()")

	s := postgrestest.Open(t, database)
	ada, _, conversation := friends(t, s)
	w := s.NewWriter()
	defer w.Close()
	for i := range int64(10) {
		_, err := s.StoreDirect(ctx, conversation, directMessage(conversation, ada, "direct"))
		must(t, err)
		_, err = w.StoreBatch(ctx, loggedMessage(conversation, ada, "logged", i))
		must(t, err)
	}
	server.Kill()
	must(t, server.Start(ctx))

	var messages []chat.Message
	wait.Until(t, "the store reads again", func() (read bool) {
		var err error
		first := int64(0)
		messages, _, err = s.Messages(ctx, ada.ID, conversation, chat.Range{After: &first, Limit: 50})
		return err == nil
	})
	if len(messages) != 20 {
		t.Errorf("%d messages after the crash, want 20", len(messages))
	}
}

// TestRefusalsAreOutages refuses in turn what Parley needs of a running server. Each
// refusal is an outage with its reason, and ends by itself.
func TestRefusalsAreOutages(t *testing.T) {
	t.Parallel()
	ctx, admin := context.Background(), postgrestest.URL(t)
	role := "role_" + databaseName(t, admin)
	postgrestest.Exec(t, admin, "CREATE ROLE "+role+" LOGIN PASSWORD 'first'")
	postgrestest.Exec(t, admin, "GRANT CREATE ON SCHEMA public TO "+role)
	t.Cleanup(func() { postgrestest.Exec(t, admin, "DROP OWNED BY "+role+"; DROP ROLE "+role) })

	s := postgrestest.Open(t, as(t, admin, role, "first"))
	ada, _, conversation := friends(t, s)
	for name, plant := range map[string]struct{ refuse, allow string }{
		"password":  {"ALTER ROLE " + role + " PASSWORD 'second'", "ALTER ROLE " + role + " PASSWORD 'first'"},
		"sign-in":   {"ALTER ROLE " + role + " NOLOGIN", "ALTER ROLE " + role + " LOGIN"},
		"no room":   {"ALTER ROLE " + role + " CONNECTION LIMIT 0", "ALTER ROLE " + role + " CONNECTION LIMIT -1"},
		"a right":   {"REVOKE INSERT ON messages FROM " + role, "GRANT INSERT ON messages TO " + role},
		"the table": {"ALTER TABLE messages RENAME TO gone", "ALTER TABLE gone RENAME TO messages"},
		"the schema": {
			"ALTER TABLE goose_db_version RENAME TO gone; ALTER TABLE messages RENAME COLUMN body TO gone",
			"ALTER TABLE gone RENAME TO goose_db_version; ALTER TABLE messages RENAME COLUMN gone TO body",
		},
		"space": {`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
			CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse()`,
			"DROP FUNCTION refuse CASCADE"},
	} {
		t.Run(name, func(t *testing.T) {
			postgrestest.Exec(t, admin, plant.refuse)
			terminateConnections(t, admin)
			store := func() error {
				_, err := s.StoreDirect(ctx, conversation, directMessage(conversation, ada, name))
				return err
			}
			wait.Log(t, "the database counts as down", func() bool {
				if err := store(); err == nil || chat.KindOf(err) != chat.KindUnavailable {
					t.Fatalf("StoreDirect: %v, want Unavailable", err)
				}
				return s.Down() != nil
			})
			t.Log(s.Down())

			postgrestest.Exec(t, admin, plant.allow)
			wait.Log(t, "the store writes again", func() bool { return store() == nil })
			if err := s.Down(); err != nil {
				t.Errorf("Down after a write: %v", err)
			}
		})
	}
}

// as returns the address of a database for another user.
func as(t *testing.T, database, user, password string) string {
	t.Helper()
	u, err := url.Parse(database)
	must(t, err)
	u.User = url.UserPassword(user, password)
	return u.String()
}

// TestWriterGetsAConnection checks that the idle connections of the pool don't keep
// the writer from the last one that the server accepts.
func TestWriterGetsAConnection(t *testing.T) {
	t.Parallel()
	ctx, admin := context.Background(), postgrestest.URL(t)
	role := "role_" + databaseName(t, admin)
	postgrestest.Exec(t, admin, "CREATE ROLE "+role+" LOGIN PASSWORD 'first'")
	postgrestest.Exec(t, admin, "GRANT CREATE ON SCHEMA public TO "+role)
	t.Cleanup(func() { postgrestest.Exec(t, admin, "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	s := postgrestest.Open(t, as(t, admin, role, "first"))
	ada, _, conversation := friends(t, s)
	postgrestest.Exec(t, admin, "ALTER ROLE "+role+" CONNECTION LIMIT 3")

	read := func(n int) {
		done := make(chan error, n)
		for range n {
			go func() {
				_, err := s.Memberships(ctx, []chat.MembershipKey{{Conversation: conversation, Person: ada.ID}})
				done <- err
			}()
		}
		for range n {
			must(t, <-done)
		}
	}
	read(40)
	w := s.NewWriter()
	defer w.Close()
	for i := range int64(3) {
		_, err := w.StoreBatch(ctx, loggedMessage(conversation, ada, "logged", i))
		must(t, err)
		read(40)
	}
	if err := s.Down(); err != nil {
		t.Errorf("Down: %v", err)
	}
}

// TestStatusOfTheSchema checks what is said before and after a migration.
func TestStatusOfTheSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := postgres.Open(postgrestest.URL(t))
	must(t, err)
	t.Cleanup(s.Close)

	before, err := s.SchemaStatus(ctx)
	must(t, err)
	_, err = s.Migrate(ctx)
	must(t, err)
	after, err := s.SchemaStatus(ctx)
	if err != nil || !before.Older() || after.Older() || after.Newer() {
		t.Errorf("before %+v, after %+v, error %v", before, after, err)
	}
}
