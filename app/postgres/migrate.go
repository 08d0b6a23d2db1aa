package postgres

import (
	"context"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"parley/db"
)

// Migrate brings the database to the newest schema and returns the number of
// migrations that it applied. One replica migrates at a time, behind an advisory
// lock of the session, so it connects past a pooler.
func (s *Store) Migrate(ctx context.Context) (int, error) {
	files, err := fs.Sub(db.Migrations, "migrations")
	if err != nil {
		return 0, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // once per second, 300 times
	if err != nil {
		return 0, err
	}

	conn := stdlib.OpenDB(*s.breaker.direct.Copy(), stdlib.OptionAfterConnect(
		func(ctx context.Context, conn *pgx.Conn) error { return prepareSession(ctx, conn, false) }))
	defer conn.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, conn, files, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, err
	}

	applied, err := provider.Up(ctx)
	if err != nil {
		return len(applied), mapError(err)
	}
	s.schemaWasCurrent.Store(true)
	if s.breaker.suspected.Load() {
		s.breaker.check(ctx) // calls may have failed for want of the schema
	}
	return len(applied), nil
}
