package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"

	"parley/test/services"
)

// Server starts a PostgreSQL server for the test alone, which may pause or kill it.
// URLAt creates databases there.
func Server(t *testing.T) *services.Service {
	t.Helper()
	return start(t, services.Postgres)
}

// Standby starts a server that replicates primary.
func Standby(t *testing.T, primary *services.Service) *services.Service {
	t.Helper()
	return start(t, func(dir string) *services.Service { return services.Standby(dir, primary) })
}

// Pooler starts a pgbouncer in front of the server on which URL creates databases, with
// further lines of its configuration.
func Pooler(t *testing.T, lines ...string) *services.Service {
	t.Helper()
	return PoolerAt(t, shared(t), lines...)
}

// PoolerAt is Pooler in front of the server at this address.
func PoolerAt(t *testing.T, server string, lines ...string) *services.Service {
	t.Helper()
	return start(t, func(dir string) *services.Service { return services.PgBouncer(dir, server, lines...) })
}

// start starts a service in a new directory. t.TempDir is not readable for the user
// that PostgreSQL runs as.
func start(t *testing.T, service func(dir string) *services.Service) *services.Service {
	t.Helper()
	dir, err := os.MkdirTemp("", "parley-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // #nosec G302 -- as root, Postgres runs as another user, who must reach it
		t.Fatal(err)
	}

	s := service(dir)
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// At returns the address of the same database on another server, or through a pooler.
func At(t *testing.T, s *services.Service, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = fmt.Sprintf("127.0.0.1:%d", s.Port)
	return u.String()
}
