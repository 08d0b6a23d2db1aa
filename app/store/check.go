package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// oldestVersion is that of PostgreSQL below which Parley isn't tried.
const oldestVersion = 15

// Check connects once to the database of url, and says in words what is wrong with it, without the password. It changes nothing.
func Check(ctx context.Context, url string) (version string, err error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return "", errors.New("DATABASE_URL can’t be read: write such as postgres://user:password@host:5432/parley")
	}
	cfg.ConnectTimeout = requestTimeout
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return "", inWords(err, cfg)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var number int
	var mayCreate, onlyReads bool
	err = conn.QueryRow(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num')::int,
		coalesce(has_schema_privilege(current_schema(), 'CREATE'), false), pg_is_in_recovery()`).Scan(&version, &number, &mayCreate, &onlyReads)
	switch {
	case err != nil:
		return "", inWords(err, cfg)
	case number/10000 < oldestVersion:
		return version, fmt.Errorf("PostgreSQL is %s: Parley needs %d or newer", version, oldestVersion)
	case onlyReads:
		return version, errors.New("the server of DATABASE_URL only reads: name the primary there")
	case !mayCreate:
		return version, fmt.Errorf("the user %q may not make tables in %q: GRANT CREATE ON SCHEMA public, or make that user the owner", cfg.User, cfg.Database)
	}
	return version, checkSchema(ctx, conn)
}

// inWords tells the usual mistakes from each other, by PostgreSQL's error codes.
func inWords(err error, cfg *pgx.ConnConfig) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return fmt.Errorf("nobody answers at %s:%d: look at the host and the port of DATABASE_URL, and whether PostgreSQL runs there", cfg.Host, cfg.Port)
	}
	switch refused.Code {
	case pgerrInvalidPassword, pgerrInvalidUser:
		return fmt.Errorf("PostgreSQL refuses the user %q: look at the user and the password of DATABASE_URL, and at the server’s pg_hba.conf", cfg.User)
	case pgerrNoDatabase:
		return fmt.Errorf("there is no database %q: make it (createdb %[1]s), or name another in DATABASE_URL", cfg.Database)
	}
	return fmt.Errorf("PostgreSQL says: %s (%s)", refused.Message, refused.Code)
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	pgerrInvalidPassword = "28P01" // #nosec G101 -- an error's code
	pgerrInvalidUser     = "28000"
	pgerrNoDatabase      = "3D000"
	pgerrNoTable         = "42P01"
)
