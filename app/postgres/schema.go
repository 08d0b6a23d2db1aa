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

// ErrNewerSchema means that a later release has migrated the database. The
// release before it serves on that schema, as it must during a rolling upgrade.
var ErrNewerSchema = errors.New("the schema is newer than this program")

// CheckSchema returns ErrNewerSchema, with both versions in its text, if the
// database has migrations that this program doesn't know. It changes nothing.
func (s *Store) CheckSchema(ctx context.Context) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return checkSchema(ctx, s.breaker)
}

type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func checkSchema(ctx context.Context, db rowQuerier) error {
	known, err := newestMigration()
	if err != nil {
		return err
	}

	var applied int64
	err = db.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&applied)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == codeNoTable {
		return nil // not migrated yet
	}

	if err == nil && applied > known {
		return fmt.Errorf("%w: it is at version %d, this program knows up to %d. Run the release that made it,"+
			" or a later one; to go back for good, restore a backup from before it", ErrNewerSchema, applied, known)
	}
	return mapError(err)
}

// newestMigration returns the version of the program's last migration.
func newestMigration() (newest int64, err error) {
	files, err := fs.Glob(db.Migrations, "migrations/*.sql")
	for _, file := range files {
		version, invalid := goose.NumericComponent(file)
		newest, err = max(newest, version), errors.Join(err, invalid)
	}
	return newest, err
}
