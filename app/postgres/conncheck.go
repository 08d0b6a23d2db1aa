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

// probe is a connection by the address in a setting, with the properties of the
// server that it leads to.
type probe struct {
	setting string
	cfg     *pgx.ConnConfig
	conn    *pgx.Conn
	pooled  bool // the address is declared to be a pooler's

	version       string
	versionNumber int    // server_version_num
	schema        string // "": the user may use none
	canCreate     bool   // the user may create tables in schema
	inRecovery    bool   // the server is a standby
	readOnly      bool   // transactions are read-only
}

const serverProperties = `SELECT current_setting('server_version'), current_setting('server_version_num')::int,
	coalesce(current_schema(), ''), coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
	pg_is_in_recovery(), current_setting('transaction_read_only')::bool`

// connect connects as a replica does, with the same parameters.
func connect(ctx context.Context, setting, url string, pooled bool) (*probe, error) {
	cfg, err := poolConfig(setting, url, 1)
	if err != nil {
		return nil, fmt.Errorf("%s can’t be read: write such as postgres://user:password@host:5432/parley", setting)
	}
	p := &probe{setting: setting, cfg: cfg.ConnConfig, pooled: pooled}
	if pooled {
		configureForPooler(p.cfg)
	}
	if err := p.open(ctx, pgx.ConnectConfig); err != nil {
		return nil, err
	}
	return p, nil
}

// open connects and reads the server's properties. It prepares no statement, because
// the address may lead to a pooler.
func (p *probe) open(
	ctx context.Context, connect func(context.Context, *pgx.ConnConfig) (*pgx.Conn, error),
) (err error) {
	p.cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	if p.conn, err = connect(ctx, p.cfg); err != nil {
		return p.explain(err)
	}

	err = prepareSession(ctx, p.conn, p.pooled)
	if err == nil {
		err = p.conn.QueryRow(ctx, serverProperties).
			Scan(&p.version, &p.versionNumber, &p.schema, &p.canCreate, &p.inRecovery, &p.readOnly)
	}
	if err != nil {
		p.close(ctx)
		return p.explain(err)
	}
	return nil
}

func (p *probe) close(ctx context.Context) {
	_ = p.conn.Close(context.WithoutCancel(ctx)) // nothing was changed
}

func (p *probe) user() string { return p.cfg.User }

// databaseID identifies a database and its copies on standbys.
type databaseID struct {
	server   int64  // system identifier, which initdb chose
	database uint32 // oid
}

// checkSameDatabase checks that both connections lead to the same database, or to
// a standby's copy of it. other may be nil.
func (p *probe) checkSameDatabase(ctx context.Context, other *probe) error {
	if other == nil {
		return nil
	}
	own, err := p.databaseID(ctx)
	if err != nil {
		return err
	}
	others, err := other.databaseID(ctx)
	if err != nil {
		return err
	}

	if own != others {
		return fmt.Errorf("%s and %s lead to two different databases: name the same one in both", p.setting, other.setting)
	}
	if p.schema != other.schema {
		return fmt.Errorf("the user %q of %s works in the schema %q, and that of %s in %q: look at their search_path,"+
			" and GRANT USAGE ON SCHEMA", p.user(), p.setting, p.schema, other.setting, other.schema)
	}
	return nil
}

func (p *probe) databaseID(ctx context.Context) (id databaseID, err error) {
	err = p.conn.QueryRow(ctx, `SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())
		FROM pg_control_system()`).Scan(&id.server, &id.database)
	return id, p.explain(err)
}

// checkPrivileges checks the user's privileges on all tables and views that the
// migrations have made: those of the owner of goose_db_version. Tables of others
// in the same schema don't matter.
func (p *probe) checkPrivileges(ctx context.Context, privileges ...string) error {
	var tables []string
	err := p.conn.QueryRow(ctx, `SELECT coalesce(array_agg(relname::text ORDER BY relname), '{}') FROM pg_class
		WHERE relkind IN ('r', 'p', 'v') AND relnamespace = current_schema()::regnamespace
			AND relowner = (SELECT relowner FROM pg_class WHERE oid = to_regclass('goose_db_version'))
			AND EXISTS (SELECT FROM unnest($1::text[]) AS needed WHERE NOT has_table_privilege(oid, needed))`,
		privileges).Scan(&tables)
	if err != nil {
		return p.explain(err)
	}
	if len(tables) > 0 {
		return fmt.Errorf("the user %q of %s may not use %s: GRANT %s ON ALL TABLES IN SCHEMA %s TO it,"+
			" and ALTER DEFAULT PRIVILEGES for those to come",
			p.user(), p.setting, strings.Join(tables, ", "), strings.Join(privileges, ", "), p.schema)
	}
	return nil
}

func (p *probe) errReadOnly() error {
	return fmt.Errorf("%s leads to a database that only reads: default_transaction_read_only is on there", p.setting)
}

// explain turns an error into one line that names the usual mistake behind it and
// the setting to change.
func (p *probe) explain(err error) error {
	if err == nil {
		return nil
	}

	var pg *pgconn.PgError
	if errors.Is(err, errSettings) {
		return fmt.Errorf("%s: %w", p.setting, err)
	}
	if !errors.As(err, &pg) {
		address := fmt.Sprintf("%s:%d", p.cfg.Host, p.cfg.Port)
		if isUnreachable(err) {
			return fmt.Errorf("nobody answers at %s: look at the host and the port of %s, and whether PostgreSQL runs there",
				address, p.setting)
		}
		return fmt.Errorf("%s answers, but not as PostgreSQL should (%s): look at the port and at sslmode of %s",
			address, strings.Join(strings.Fields(err.Error()), " "), p.setting)
	}

	switch {
	case pg.Code == codeInvalidPassword || pg.Code == codeInvalidAuthorization:
		return fmt.Errorf("PostgreSQL refuses the user %q: look at the user and the password of %s,"+
			" and at the server’s pg_hba.conf", p.user(), p.setting)
	case pg.Code == codeNoDatabase:
		return fmt.Errorf("there is no database %q: make it (createdb %[1]s), or name another in %s",
			p.cfg.Database, p.setting)
	case strings.Contains(pg.Message, "unsupported startup parameter"):
		return p.explainPooler()
	case pg.Code == codeDiskFull:
		return fmt.Errorf("the server of %s has no space on its disk (%s): make room there", p.setting, pg.Message)
	case pg.Code == codeTooManyConnections:
		return fmt.Errorf("the server of %s accepts no more connections (%s): raise the limit,"+
			" or lower DATABASE_MAX_CONNECTIONS", p.setting, pg.Message)
	}
	return fmt.Errorf("by way of %s PostgreSQL says: %s (%s)", p.setting, pg.Message, pg.Code)
}

// explainPooler is the error for a pooler at an address that must lead to a
// server: pgbouncer rejects the session parameters of a direct connection.
func (p *probe) explainPooler() error {
	switch p.setting {
	case "DATABASE_URL":
		return errors.New(
			"DATABASE_URL leads to a pooler: set DATABASE_POOLER=transaction, and DATABASE_DIRECT_URL to PostgreSQL itself")
	case "DATABASE_DIRECT_URL":
		return errors.New("DATABASE_DIRECT_URL leads to a pooler: name PostgreSQL itself there")
	}
	return fmt.Errorf("%s leads to a pooler: name the standby itself there", p.setting)
}

// isUnreachable reports whether no connection was made, as opposed to one to a
// server that doesn't behave as PostgreSQL.
func isUnreachable(err error) bool {
	var dial *net.OpError
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return false
	case errors.As(err, &dns), pgconn.Timeout(err),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return true
	}
	return errors.As(err, &dial) && dial.Op == "dial"
}
