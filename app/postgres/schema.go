package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"

	"parley/db"
)

// ErrNewerSchema says that a later release has migrated the database. Replicas of the one before it serve on it: while they are upgraded one by one, that is
// as it should be.
var ErrNewerSchema = errors.New("the schema is newer than this program")

// CheckSchema answers ErrNewerSchema, in words, when the database has migrations that this program doesn't know. It changes nothing.
func (s *Store) CheckSchema(ctx context.Context) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return checkSchema(ctx, s.gate)
}

func checkSchema(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}) error {
	known, err := newestMigration()
	if err != nil {
		return err
	}
	var has int64
	err = db.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&has)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == pgerrNoTable {
		return nil // nobody has migrated it yet
	}
	if err == nil && has > known {
		return fmt.Errorf("%w: it is at version %d, this program knows up to %d. Run the release that made it, or a later one; to go back for good, restore a backup from before it",
			ErrNewerSchema, has, known)
	}
	return mapError(err)
}

// newestMigration is the number of the last one that this program has.
func newestMigration() (newest int64, err error) {
	files, err := fs.Glob(db.Migrations, "migrations/*.sql")
	for _, file := range files {
		number, wrong := goose.NumericComponent(file)
		newest, err = max(newest, number), errors.Join(err, wrong)
	}
	return newest, err
}
