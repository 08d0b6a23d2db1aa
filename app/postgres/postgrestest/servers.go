package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"

	"parley/test/services"
)

// Server is a PostgreSQL of the test's own, which can be hurt; from now on URL makes the test's databases there.
func Server(t *testing.T) *services.Service {
	t.Helper()
	s := started(t, services.Postgres)
	t.Setenv("PARLEY_TEST_DATABASE_URL", s.URL)
	return s
}

// Standby starts a server that follows another one.
func Standby(t *testing.T, primary *services.Service) *services.Service {
	t.Helper()
	return started(t, func(dir string) *services.Service { return services.Standby(dir, primary) })
}

// Pooler starts a pgbouncer before the server where the test's databases are made.
func Pooler(t *testing.T) *services.Service {
	t.Helper()
	return started(t, func(dir string) *services.Service {
		return services.PgBouncer(dir, os.Getenv("PARLEY_TEST_DATABASE_URL"))
	})
}

func started(t *testing.T, of func(dir string) *services.Service) *services.Service {
	t.Helper()
	dir, err := os.MkdirTemp("", "parley-store-") // t.TempDir is out of reach for Postgres' user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := of(dir)
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// At is the same database by way of another server.
func At(t *testing.T, s *services.Service, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = fmt.Sprintf("127.0.0.1:%d", s.Port)
	return u.String()
}
