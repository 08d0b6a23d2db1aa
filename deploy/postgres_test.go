package deploy

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/test/services"
)

// postgresServer is a PostgreSQL server whose administrator is the role super. It has no role
// of Parley's yet.
type postgresServer struct {
	address *url.URL
}

func newPostgresServer(t *testing.T) *postgresServer {
	t.Helper()

	dir, err := os.MkdirTemp("", "parley-deploy-") // t.TempDir is closed to PostgreSQL's user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}

	server := services.Postgres(dir)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)

	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &postgresServer{address}

	// The administrator of the test's server has the name of Parley's role.
	first, password := address.User.Username(), ""
	password, _ = address.User.Password()
	p.must(t, first, password, "postgres", "--command", "CREATE ROLE super SUPERUSER LOGIN PASSWORD 'super'")
	p.must(t, "super", "super", "postgres", "--command", "ALTER ROLE "+first+" RENAME TO other")
	return p
}

// environment is what a command needs to connect as the user.
func (p *postgresServer) environment(user, password, database string) []string {
	return append(os.Environ(), "PGHOST="+p.address.Hostname(), "PGPORT="+p.address.Port(), "PGUSER="+user,
		"PGPASSWORD="+password, "PGDATABASE="+database)
}

// psql runs psql in this directory and returns its output.
func (p *postgresServer) psql(t *testing.T, user, password, database string, arguments ...string) (string, error) {
	t.Helper()

	cmd := exec.CommandContext(t.Context(), "psql",
		append([]string{"--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--tuples-only", "--no-align"}, arguments...)...)
	cmd.Env = p.environment(user, password, database)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// must is psql for what has to work.
func (p *postgresServer) must(t *testing.T, user, password, database string, arguments ...string) string {
	t.Helper()

	out, err := p.psql(t, user, password, database, arguments...)
	if err != nil {
		t.Fatalf("%v: %v: %s", arguments, err, out)
	}
	return out
}

// upMigrations returns the SQL of all migrations, in their order.
func upMigrations(t *testing.T) (sql string) {
	t.Helper()

	files, err := filepath.Glob("../db/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations: %v", err)
	}

	for _, file := range files {
		up, _, _ := strings.Cut(read(t, file), "-- +goose Down")
		sql += up
	}
	return sql
}

// migrate executes the schema as the user.
func (p *postgresServer) migrate(t *testing.T, user, password string) {
	t.Helper()

	file := filepath.Join(t.TempDir(), "schema.sql")
	if err := os.WriteFile(file, []byte(upMigrations(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.must(t, user, password, "parley", "--file", file)
}

// TestRotationEndsTheOldPassword runs the files of docs/machines.md and
// docs/operations.md. Whatever either role creates belongs to the role parley.
func TestRotationEndsTheOldPassword(t *testing.T) {
	p := newPostgresServer(t)
	p.must(t, "super", "super", "postgres", "--file", "postgres/roles.sql")

	setPassword := func(role, password string) {
		if err := os.WriteFile("next-password", []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		defer os.Remove("next-password")
		p.must(t, "super", "super", "postgres", "--set", "role="+role, "--file", "postgres/set-password.sql")
	}

	setPassword("parley_a", "first")
	p.migrate(t, "parley_a", "first")

	for i, next := range []struct{ role, password, oldRole, oldPassword string }{
		{"parley_b", "second", "parley_a", "first"},
		{"parley_a", "third", "parley_b", "second"}, // a second rotation
	} {
		setPassword(next.role, next.password)
		p.must(t, next.oldRole, next.oldPassword, "parley", "--command", "SELECT 1") // both are valid meanwhile
		p.must(t, "super", "super", "postgres", "--set", "role="+next.oldRole, "--file", "postgres/end-password.sql")

		if out, err := p.psql(t, next.oldRole, next.oldPassword, "parley", "--command", "SELECT 1"); err == nil {
			t.Errorf("rotation %d: the old password is still valid: %s", i, out)
		}

		p.must(t, next.role, next.password, "parley", "--command", "ALTER TABLE messages ADD COLUMN later_"+next.role+" int")
	}

	for query, want := range map[string]string{
		"SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'":          "parley\n",
		"SELECT count(*) FROM pg_roles WHERE rolname LIKE 'parley%' AND rolsuper":        "0\n",
		"SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'parley'": "UTF8\n",
	} {
		if got := p.must(t, "parley_a", "third", "parley", "--command", query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
