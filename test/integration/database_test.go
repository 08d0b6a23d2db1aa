package integration

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// withDatabase runs f on a connection of its own.
func (r *instance) withDatabase(url string, f func(ctx context.Context, conn *pgx.Conn) error) {
	r.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(ctx)
	must(r.t, f(ctx, conn))
}

// exec changes the database without the replica's knowledge.
func (r *instance) exec(sql string, args ...any) {
	r.t.Helper()
	r.withDatabase(r.addresses.DatabaseURL, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sql, args...)
		return err
	})
}

// count returns the number that a query yields.
func (r *instance) count(sql string, args ...any) (n int) {
	r.t.Helper()
	r.scan(&n, sql, args...)
	return n
}

// queryText returns the text that a query yields.
func (r *instance) queryText(sql string, args ...any) (text string) {
	r.t.Helper()
	r.scan(&text, sql, args...)
	return text
}

func (r *instance) scan(value any, sql string, args ...any) {
	r.t.Helper()
	r.withDatabase(r.addresses.DatabaseURL, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, sql, args...).Scan(value)
	})
}

// rejectPoison makes the database reject messages that begin with "poison", as a
// faulty constraint would.
func (r *instance) rejectPoison(on bool) {
	r.t.Helper()
	r.exec("ALTER TABLE messages DROP CONSTRAINT IF EXISTS planted")
	if on {
		r.exec("ALTER TABLE messages ADD CONSTRAINT planted CHECK (body NOT LIKE 'poison%')")
	}
}

// setReadOnly makes the database read-only for all connections, or writable again,
// as a failover does.
func (r *instance) setReadOnly(on bool) {
	r.t.Helper()
	cfg, err := pgx.ParseConfig(r.addresses.DatabaseURL)
	if err != nil {
		r.t.Fatal(err)
	}

	value := map[bool]string{true: "on", false: "off"}[on]
	server := environment(r.t, "PARLEY_TEST_DATABASE_URL")
	r.withDatabase(server, func(ctx context.Context, conn *pgx.Conn) error {
		alter := "ALTER DATABASE " + cfg.Database + " SET default_transaction_read_only = " + value
		if _, err := conn.Exec(ctx, alter); err != nil {
			return err
		}
		terminate := "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
		_, err := conn.Exec(ctx, terminate, cfg.Database)
		return err
	})
}
