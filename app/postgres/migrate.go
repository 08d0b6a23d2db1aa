package postgres

import (
	"context"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"parley/db"
)

// Migrate brings the database to the newest schema, one replica at a time (a session advisory lock, so past any pooler). It answers how many migrations it applied.
func (s *Store) Migrate(ctx context.Context) (int, error) {
	files, err := fs.Sub(db.Migrations, "migrations")
	if err != nil {
		return 0, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // tries each second, for five minutes
	if err != nil {
		return 0, err
	}
	conn := stdlib.OpenDB(*s.gate.direct.Copy())
	defer conn.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, conn, files, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, err
	}
	done, err := provider.Up(ctx)
	return len(done), mapError(err)
}
