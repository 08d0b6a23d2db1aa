package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// way is a setting that leads to the database, and what is at its end.
type probe struct {
	setting string
	cfg     *pgx.ConnConfig
	conn    *pgx.Conn

	version   string
	number    int
	schema    string // "": none that its user may use
	mayCreate bool
	follows   bool // a standby
	onlyReads bool
}

// enter connects as a replica does, with all that it asks of a connection.
func connect(ctx context.Context, setting, url string, pooled bool) (*probe, error) {
	cfg, err := poolConfig(setting, url, 1)
	if err != nil {
		return nil, fmt.Errorf("%s can’t be read: write such as postgres://user:password@host:5432/parley", setting)
	}
	w := &probe{setting: setting, cfg: cfg.ConnConfig}
	if pooled {
		poolable(w.cfg)
	}
	if w.conn, err = pgx.ConnectConfig(ctx, w.cfg); err != nil {
		return nil, w.words(err)
	}
	err = w.conn.QueryRow(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num')::int, coalesce(current_schema(), ''),
		coalesce(has_schema_privilege(current_schema(), 'CREATE'), false), pg_is_in_recovery(), current_setting('transaction_read_only')::bool`).
		Scan(&w.version, &w.number, &w.schema, &w.mayCreate, &w.follows, &w.onlyReads)
	if err != nil {
		w.leave(ctx)
		return nil, w.words(err)
	}
	return w, nil
}

func (w *probe) leave(ctx context.Context) {
	_ = w.conn.Close(context.WithoutCancel(ctx)) // nothing was changed
}

func (w *probe) user() string { return w.cfg.User }

// sameAs tells whether both ways end in one database, or in a standby's copy of it: the number that initdb gave the server, and the database's own.
func (w *probe) sameAs(ctx context.Context, other *probe) error {
	if other == nil {
		return nil
	}
	a, err := w.identity(ctx)
	if err != nil {
		return err
	}
	b, err := other.identity(ctx)
	if err != nil {
		return err
	}
	if a != b {
		return fmt.Errorf("%s and %s lead to two different databases: name the same one in both", w.setting, other.setting)
	}
	if w.schema != other.schema {
		return fmt.Errorf("the user %q of %s works in the schema %q, and that of %s in %q: look at their search_path, and GRANT USAGE ON SCHEMA", w.user(), w.setting, w.schema, other.setting, other.schema)
	}
	return nil
}

func (w *probe) identity(ctx context.Context) (id struct {
	Server   int64
	Database uint32
}, err error) {
	err = w.conn.QueryRow(ctx, "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_control_system()").Scan(&id.Server, &id.Database)
	return id, w.words(err)
}

// mayUseTables asks of all that the migrations have made, if they have; others' tables may stand beside.
func (w *probe) mayUseTables(ctx context.Context, privileges ...string) error {
	var tables []string
	err := w.conn.QueryRow(ctx, `SELECT coalesce(array_agg(relname::text ORDER BY relname), '{}') FROM pg_class
		WHERE relkind IN ('r', 'p', 'v') AND relnamespace = current_schema()::regnamespace
			AND relowner = (SELECT relowner FROM pg_class WHERE oid = to_regclass('goose_db_version'))
			AND EXISTS (SELECT FROM unnest($1::text[]) AS needed WHERE NOT has_table_privilege(oid, needed))`, privileges).Scan(&tables)
	if err != nil {
		return w.words(err)
	}
	if len(tables) > 0 {
		return fmt.Errorf("the user %q of %s may not use %s: GRANT %s ON ALL TABLES IN SCHEMA %s TO it, and ALTER DEFAULT PRIVILEGES for those to come",
			w.user(), w.setting, strings.Join(tables, ", "), strings.Join(privileges, ", "), w.schema)
	}
	return nil
}

func (w *probe) refusesWrites() error {
	return fmt.Errorf("%s leads to a database that only reads: default_transaction_read_only is on there", w.setting)
}

// words tells the usual mistakes from each other. They are one line each.
func (w *probe) words(err error) error {
	if err == nil {
		return nil
	}
	at := fmt.Sprintf("%s:%d", w.cfg.Host, w.cfg.Port)
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		if unreached(err) {
			return fmt.Errorf("nobody answers at %s: look at the host and the port of %s, and whether PostgreSQL runs there", at, w.setting)
		}
		return fmt.Errorf("%s answers, but not as PostgreSQL should (%s): look at the port and at sslmode of %s", at, strings.Join(strings.Fields(err.Error()), " "), w.setting)
	}
	switch {
	case refused.Code == pgerrInvalidPassword || refused.Code == pgerrInvalidUser:
		return fmt.Errorf("PostgreSQL refuses the user %q: look at the user and the password of %s, and at the server’s pg_hba.conf", w.user(), w.setting)
	case refused.Code == pgerrNoDatabase:
		return fmt.Errorf("there is no database %q: make it (createdb %[1]s), or name another in %s", w.cfg.Database, w.setting)
	case strings.Contains(refused.Message, "unsupported startup parameter"):
		return w.pooledUnasked()
	}
	return fmt.Errorf("by way of %s PostgreSQL says: %s (%s)", w.setting, refused.Message, refused.Code)
}

// pooledUnasked: pgbouncer refuses what a session of one's own may be asked for.
func (w *probe) pooledUnasked() error {
	switch w.setting {
	case "DATABASE_URL":
		return errors.New("DATABASE_URL leads to a pooler: set DATABASE_POOLER=transaction, and DATABASE_DIRECT_URL to PostgreSQL itself")
	case "DATABASE_DIRECT_URL":
		return errors.New("DATABASE_DIRECT_URL leads to a pooler: name PostgreSQL itself there")
	}
	return fmt.Errorf("%s leads to a pooler: name the standby itself there", w.setting)
}

// unreached tells that no connection came about, from one that was of no use.
func unreached(err error) bool {
	var dialled *net.OpError
	var named *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return false
	case errors.As(err, &named), pgconn.Timeout(err), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return true
	}
	return errors.As(err, &dialled) && dialled.Op == "dial"
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	pgerrInvalidPassword = "28P01" // #nosec G101 -- an error's code
	pgerrInvalidUser     = "28000"
	pgerrNoDatabase      = "3D000"
	pgerrNoTable         = "42P01"
)
