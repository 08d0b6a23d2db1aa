package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"parley/db"
)

// ErrOlderSchema means that the database lacks migrations of this program, or that it
// isn't Parley's database. A replica can't use it.
var ErrOlderSchema = errors.New("the schema is older than this program")

// SchemaStatus is the state of the schema beside what this program knows.
type SchemaStatus struct {
	Applied int64 // version of the newest migration in the database; 0: none
	Known   int64 // of the newest migration of this program
}

// Older reports whether migrations are missing.
func (s SchemaStatus) Older() bool { return s.Applied < s.Known }

// Newer reports whether a later release has migrated the database. The release
// before it serves on that schema, as it must during a rolling upgrade.
func (s SchemaStatus) Newer() bool { return s.Applied > s.Known }

// String describes the state in one line.
func (s SchemaStatus) String() string {
	switch {
	case s.Older():
		return fmt.Sprintf("the schema is at version %d and this program needs %d: a start, or parley migrate, updates it",
			s.Applied, s.Known)
	case s.Newer():
		return fmt.Sprintf("the schema is at version %d and this program knows up to %d:"+
			" it serves on the newer schema, as during an upgrade", s.Applied, s.Known)
	}
	return fmt.Sprintf("the schema is at version %d, as this program needs", s.Applied)
}

// SchemaStatus reads the state of the schema. It changes nothing.
func (s *Store) SchemaStatus(ctx context.Context) (status SchemaStatus, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	status.Applied, status.Known, err = schemaVersions(ctx, s.breaker.pool)
	return status, mapError(err)
}

// schemaCurrent reports false only if the database answers that its schema is older.
func (s *Store) schemaCurrent(ctx context.Context) bool {
	status, err := s.SchemaStatus(ctx)
	return err != nil || !status.Older()
}

type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// schemaVersions returns the newest applied migration, 0 without any, and the
// newest known one.
func schemaVersions(ctx context.Context, db rowQuerier) (applied, known int64, err error) {
	for _, file := range migrationFiles() {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return 0, 0, err
		}
		known = max(known, version)
	}

	var migrated bool
	err = db.QueryRow(ctx, "SELECT to_regclass('goose_db_version') IS NOT NULL", pgx.QueryExecModeExec).Scan(&migrated)
	if err != nil || !migrated {
		return 0, known, err
	}
	err = db.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied",
		pgx.QueryExecModeExec).Scan(&applied)
	return applied, known, err
}

// migrationFiles returns the names of the migrations in order.
func migrationFiles() []string {
	files, err := fs.Glob(db.Migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is constant
	}
	slices.Sort(files)
	return files
}
