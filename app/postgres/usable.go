package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"parley/db"
)

// rehearsal writes what Parley writes, in a transaction that is rolled back. The
// sorted rows take more memory than they may and so space on the disk.
const rehearsal = `BEGIN;
	SET LOCAL work_mem = '64kB';
	SET LOCAL temp_tablespaces = '';
	INSERT INTO users (id, name, folded_name, name_grams)
		VALUES ('00000000-0000-0000-0000-00000000000f', '', '', '{}');
	INSERT INTO conversations (id, kind) VALUES ('00000000-0000-0000-0000-00000000000f', 'group');
	INSERT INTO members (conversation_id, user_id)
		VALUES ('00000000-0000-0000-0000-00000000000f', '00000000-0000-0000-0000-00000000000f');
	INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, body, sent_at)
		SELECT i, 1, i, i, i, '', now() FROM (VALUES ('00000000-0000-0000-0000-00000000000f'::uuid)) ids (i);
	SELECT pg_notify('` + relayChannel + `', '');
	SELECT max(i) FROM (SELECT i FROM generate_series(1, 20000) i ORDER BY -i OFFSET 1) sorted;
	ROLLBACK`

// checkUsable does what Parley does with the database and changes nothing. The error
// says what to change.
func (p *probe) checkUsable(ctx context.Context) error {
	if p.readOnly {
		return p.errReadOnly()
	}
	if err := p.checkShared(ctx); err != nil {
		return err
	}

	applied, known, err := schemaVersions(ctx, p.conn)
	switch {
	case err != nil:
		return p.explain(err)
	case applied < known:
		return fmt.Errorf("%w: the database %q of %s is at version %d, this program needs %d: parley migrate updates it,"+
			" unless it is the wrong database", ErrOlderSchema, p.cfg.Database, p.setting, applied, known)
	}

	if err := p.checkPrivileges(ctx, "SELECT", "INSERT", "UPDATE", "DELETE"); err != nil {
		return err
	}
	return p.run(ctx, rehearsal, "PostgreSQL refuses to write")
}

// run executes statements that end with ROLLBACK. what says what fails.
func (p *probe) run(ctx context.Context, sql, what string) error {
	if err := p.conn.PgConn().Exec(ctx, sql).Close(); err != nil {
		_ = p.conn.PgConn().Exec(ctx, "ROLLBACK").Close() // the connection is closed next
		return fmt.Errorf("%s, by way of %s: %w", what, p.setting, p.explain(err))
	}
	return nil
}

// checkMigrations runs the migrations of an empty schema and rolls them back. Those
// of a schema that is in use aren't run, because they lock its tables.
func (p *probe) checkMigrations(ctx context.Context) error {
	for _, file := range migrationFiles() {
		sql, err := db.Migrations.ReadFile(file)
		if err != nil {
			return err
		}
		up, _, _ := strings.Cut(string(sql), "-- +goose Down")
		err = p.run(ctx, "BEGIN;\n"+up+";\nROLLBACK", "the schema can’t be made in "+fmt.Sprintf("%q", p.schema))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkShared detects a pooler that gives transactions of two connections the same
// server connection, although the setting says that there is none.
func (p *probe) checkShared(ctx context.Context) error {
	if p.pooled {
		return nil
	}
	other, err := pgx.ConnectConfig(ctx, p.cfg.Copy())
	if err != nil {
		return nil // a second connection isn't needed
	}
	defer closeConn(other)

	const query = "SELECT pg_backend_pid()"
	for range 3 {
		var one, two uint32
		err := errors.Join(p.conn.QueryRow(ctx, query, pgx.QueryExecModeExec).Scan(&one),
			other.QueryRow(ctx, query, pgx.QueryExecModeExec).Scan(&two))
		if err != nil {
			return p.explain(err)
		}
		if one == two {
			return p.explainPooler()
		}
	}
	return nil
}

// checkConnections compares the limits of connections with what a replica opens.
func (p *probe) checkConnections(ctx context.Context, maxConnections int) error {
	const beside = 3 // the writer, the listener and the probe
	var role, database, server int
	err := p.conn.QueryRow(ctx, `SELECT
		coalesce((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user AND NOT rolsuper), -1),
		coalesce((SELECT datconnlimit FROM pg_database WHERE datname = current_database()), -1),
		current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
			- coalesce(current_setting('reserved_connections', true)::int, 0)`, pgx.QueryExecModeExec).
		Scan(&role, &database, &server)
	if err != nil {
		return p.explain(err)
	}

	needed := maxConnections + beside
	for _, limit := range []struct {
		connections int
		of, change  string
	}{
		{role, fmt.Sprintf("the user %q", p.user()), fmt.Sprintf("ALTER ROLE %s CONNECTION LIMIT", p.user())},
		{database, fmt.Sprintf("the database %q", p.cfg.Database), fmt.Sprintf("ALTER DATABASE %s CONNECTION LIMIT",
			p.cfg.Database)},
		{server, "the server", "raise max_connections"},
	} {
		if limit.connections >= 0 && limit.connections < needed {
			return fmt.Errorf("%s accepts %d connections and each replica opens up to %d: %s,"+
				" or lower DATABASE_MAX_CONNECTIONS", limit.of, limit.connections, needed, limit.change)
		}
	}
	return nil
}
