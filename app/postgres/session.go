package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// sessionSettings are what the code relies on, in PostgreSQL's own spelling. Each
// connection states them when it starts, so that no default of the server, the
// database or the role (ALTER SYSTEM, ALTER DATABASE, ALTER ROLE) changes a meaning.
// Two defaults stay as they are: search_path, which chooses the schema, and
// default_transaction_read_only, by which an operator stops writes (Down reports it).
var sessionSettings = []struct {
	name, value string
	local       bool // with a pooler: set for each transaction
	required    bool // with a pooler: the server's own value must agree, for statements outside of transactions
}{
	{"client_encoding", "UTF8", false, false},
	{"default_transaction_isolation", "read committed", false, true},
	{"default_transaction_deferrable", "off", false, false},
	{"synchronous_commit", "on", true, true},
	{"statement_timeout", "0", true, false},
	{"lock_timeout", "0", true, false},
	{"idle_session_timeout", "0", false, false},
	// It ends the transaction of a replica that stalls, so that it doesn't hold its locks for ever.
	{"idle_in_transaction_session_timeout", "10s", true, false},
	{"TimeZone", "UTC", false, false},
	{"DateStyle", "ISO, MDY", false, false},
	{"IntervalStyle", "postgres", true, false},
	{"bytea_output", "hex", true, false},
	{"standard_conforming_strings", "on", false, false},
	{"transform_null_equals", "off", true, true},
	{"gin_fuzzy_search_limit", "0", true, true},
}

// poolerSettings are those that pgbouncer keeps for each client.
var poolerSettings = []string{"client_encoding", "TimeZone", "DateStyle", "standard_conforming_strings"}

// stateSettings makes a connection start with the sessionSettings.
func stateSettings(cfg *pgx.ConnConfig) {
	for _, s := range sessionSettings {
		for name := range cfg.RuntimeParams {
			if strings.EqualFold(name, s.name) {
				delete(cfg.RuntimeParams, name)
			}
		}
		cfg.RuntimeParams[s.name] = s.value
	}
	cfg.RuntimeParams["application_name"] = "parley"
}

// errSettings means that a session differs from the sessionSettings.
var errSettings = errors.New("the session differs from what Parley set")

// prepareSession makes pgx write UUIDs as 16 bytes instead of text, and checks that
// the session has the sessionSettings and an UTF-8 database.
func prepareSession(ctx context.Context, conn *pgx.Conn, pooled bool) error {
	pgxuuid.Register(conn.TypeMap())

	var names, values []string
	for _, s := range sessionSettings {
		if !pooled || s.required || slices.Contains(poolerSettings, s.name) {
			names, values = append(names, s.name), append(values, s.value)
		}
	}
	// transaction_timeout exists since version 17 and can't be stated before it is known to.
	const query = `WITH unlimited AS (
			SELECT set_config('transaction_timeout', '0', false)
			WHERE NOT $3 AND current_setting('transaction_timeout', true) <> '0'
		)
		SELECT current_setting('server_encoding'), (SELECT count(*) FROM unlimited), coalesce(string_agg(
			wanted.name || ' is ' || coalesce(current_setting(wanted.name, true), 'unknown') || ', not ' || wanted.value,
			', '), '')
		FROM unnest($1::text[], $2::text[]) AS wanted(name, value)
		WHERE current_setting(wanted.name, true) IS DISTINCT FROM wanted.value`

	var encoding, differences string
	var unlimited int
	// Without a prepared statement, which a pooler that isn't known to be one would lose.
	err := conn.QueryRow(ctx, query, pgx.QueryExecModeExec, names, values, pooled).
		Scan(&encoding, &unlimited, &differences)
	switch {
	case err != nil:
		return err
	case encoding != "UTF8":
		return fmt.Errorf("%w: the database %q is encoded in %s: create it with"+
			" ENCODING 'UTF8' TEMPLATE template0", errSettings, conn.Config().Database, encoding)
	case differences != "" && pooled:
		return fmt.Errorf("%w: behind the pooler %s: ALTER ROLE %s IN DATABASE %s SET it, then RECONNECT in the pooler",
			errSettings, differences, conn.Config().User, conn.Config().Database)
	case differences != "":
		return fmt.Errorf("%w: %s: a pooler in between drops the parameters of a connection:"+
			" set DATABASE_POOLER=transaction, and DATABASE_DIRECT_URL to PostgreSQL itself", errSettings, differences)
	}
	return nil
}

// localSettings states settings for one transaction behind a pooler.
var localSettings = func() string {
	var b strings.Builder
	for _, s := range sessionSettings {
		if s.local {
			fmt.Fprintf(&b, "; SET LOCAL %s = '%s'", s.name, s.value)
		}
	}
	return b.String()
}()
