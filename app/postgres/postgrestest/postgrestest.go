// Package postgrestest gives each test a migrated PostgreSQL database of its own.
package postgrestest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/postgres"
)

// URL creates an empty database, which is dropped when the test ends, and returns
// its address. It creates it on the server in PARLEY_TEST_DATABASE_URL and fails
// the test if that is not set.
func URL(t testing.TB) string {
	t.Helper()
	return URLAt(t, shared(t))
}

// shared returns the address of the server that all tests share.
func shared(t testing.TB) string {
	t.Helper()
	server := os.Getenv("PARLEY_TEST_DATABASE_URL")
	if server == "" {
		t.Fatal("PARLEY_TEST_DATABASE_URL is not set:" +
			" run `go tool task test`, or `go run ./test/services/cmd go test ./…`")
	}
	return server
}

// URLAt is URL on the server at this address, such as one of Server.
func URLAt(t testing.TB, server string) string {
	t.Helper()
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	Exec(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { Exec(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })

	cfg, err := pgx.ParseConfig(server)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", cfg.User, cfg.Password, cfg.Host, cfg.Port, name)
}

// New opens a migrated store on a new database.
func New(t testing.TB) *postgres.Store {
	t.Helper()
	return Open(t, URL(t))
}

// Open opens a database and migrates it.
func Open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	return OpenWith(t, postgres.Options{URL: url})
}

// OpenWith is Open with a pooler or a standby.
func OpenWith(t testing.TB, o postgres.Options) *postgres.Store {
	t.Helper()
	s, err := postgres.OpenWith(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// People creates accounts of the development sign-in and makes all of them friends
// of each other.
func People(t testing.TB, s *postgres.Store, names ...string) []chat.Person {
	t.Helper()
	people := make([]chat.Person, len(names))
	for i, name := range names {
		identity := chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName(name), Name: name}
		p, err := s.Account(context.Background(), identity)
		if err != nil {
			t.Fatal(err)
		}
		people[i] = p
	}
	for i, p := range people {
		for _, friend := range people[:i] {
			chattest.Befriend(t, s, p, friend)
		}
	}
	return people
}

// Direct opens the conversation of two friends.
func Direct(t testing.TB, s *postgres.Store, a, b chat.Person) uuid.UUID {
	t.Helper()
	id, _, err := s.OpenDirect(context.Background(), a.ID, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Exec runs a statement on a connection of its own.
func Exec(t testing.TB, url, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
