package cli

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"parley/app/postgres/postgrestest"
)

// ignoredParameters make pgbouncer drop the parameters of a connection in silence.
const ignoredParameters = "ignore_startup_parameters = default_transaction_isolation," +
	"default_transaction_deferrable,synchronous_commit,statement_timeout,lock_timeout,idle_session_timeout," +
	"idle_in_transaction_session_timeout,IntervalStyle,intervalstyle,bytea_output,transform_null_equals," +
	"gin_fuzzy_search_limit"

// TestCheckTriesWhatParleyDoes plants mistakes in PostgreSQL that a server that only
// answers doesn't show.
func TestCheckTriesWhatParleyDoes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	migrated := func() string {
		address := postgrestest.URL(t)
		if _, err := postgrestest.Open(t, address).Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		return address
	}
	name := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(u.Path, "/")
	}
	planted := func(address string, statements ...string) map[string]string {
		for _, sql := range statements {
			postgrestest.Exec(t, address, strings.ReplaceAll(sql, "$database", name(address)))
		}
		return map[string]string{"DATABASE_URL": address}
	}
	encoded := func(encoding string) map[string]string {
		address := postgrestest.URL(t)
		other := name(address) + strings.ToLower(encoding)
		postgrestest.Exec(t, address, "CREATE DATABASE "+other+" ENCODING '"+encoding+"' LOCALE 'C' TEMPLATE template0")
		t.Cleanup(func() { postgrestest.Exec(t, address, "DROP DATABASE "+other+" WITH (FORCE)") })
		return map[string]string{"DATABASE_URL": changedURL(t, address, func(u *url.URL) { u.Path = "/" + other })}
	}
	// as gives the database to a new user, with these rights.
	as := func(user, address string, statements ...string) map[string]string {
		planted(address, append([]string{"CREATE ROLE " + user + " LOGIN PASSWORD 'pass0word'"}, statements...)...)
		t.Cleanup(func() { postgrestest.Exec(t, address, "DROP OWNED BY "+user+"; DROP ROLE "+user) })
		return map[string]string{"DATABASE_URL": changedURL(t, address, func(u *url.URL) {
			u.User = url.UserPassword(user, "pass0word")
		})}
	}
	pooler, deaf := postgrestest.Pooler(t), postgrestest.Pooler(t, ignoredParameters)
	throughPooler := func(settings ...string) map[string]string {
		address := migrated()
		planted(address, settings...)
		return map[string]string{
			"DATABASE_URL":        postgrestest.At(t, pooler, address),
			"DATABASE_POOLER":     "transaction",
			"DATABASE_DIRECT_URL": address,
		}
	}

	_, redis, kafka := testServices(t)
	good := map[string]string{
		"PORT":          freePort(t),
		"DATABASE_URL":  migrated(),
		"REDIS_URL":     redis,
		"KAFKA_BROKERS": kafka,
		"DEV_SIGNIN":    "true",
	}
	expectFine(t, good, 6)

	const refuse = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`
	expectOneFinding(t, good, []mistake{
		{name: "LATIN1", settings: encoded("LATIN1"), finding: "is encoded in LATIN1"},
		{name: "SQL_ASCII", settings: encoded("SQL_ASCII"), finding: "is encoded in SQL_ASCII"},
		{
			name:     "no right to make tables",
			settings: as("guest0", postgrestest.URL(t), "REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
			finding:  "may not make tables",
		},
		{
			name:     "a table in the way",
			settings: planted(postgrestest.URL(t), "CREATE TABLE pictures ()"),
			finding:  "the schema can’t be made in",
		},
		{
			name: "no right to write",
			settings: as("guest1", migrated(), "GRANT CREATE ON SCHEMA public TO guest1",
				"GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest1"),
			finding: "GRANT SELECT, INSERT, UPDATE, DELETE",
		},
		{
			name: "few connections for the user",
			settings: as("guest3", postgrestest.URL(t), "GRANT CREATE ON SCHEMA public TO guest3",
				"ALTER ROLE guest3 CONNECTION LIMIT 5"),
			finding: "the user \"guest3\" accepts 5 connections",
		},
		{
			name:     "few connections for the database",
			settings: planted(postgrestest.URL(t), "ALTER DATABASE $database CONNECTION LIMIT 6"),
			finding:  "accepts 6 connections",
		},
		{
			name: "a full disk",
			settings: planted(migrated(), refuse,
				"CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse()"),
			finding: "no space on its disk",
		},
		{
			name: "writes that a rule refuses",
			settings: planted(migrated(), strings.Replace(refuse, "53100", "P0001", 1),
				"CREATE TRIGGER refuse BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse()"),
			finding: "PostgreSQL refuses to write",
		},
		{
			name:     "a pooler that drops parameters",
			settings: map[string]string{"DATABASE_URL": postgrestest.At(t, deaf, migrated())},
			finding:  "DATABASE_POOLER=transaction",
		},
		{
			name: "a pooler that drops parameters which agree",
			settings: func() map[string]string {
				address := migrated()
				planted(address, "ALTER DATABASE $database SET idle_in_transaction_session_timeout = '10s'",
					"ALTER DATABASE $database SET timezone = 'UTC'")
				return map[string]string{"DATABASE_URL": postgrestest.At(t, deaf, address)}
			}(),
			finding: "DATABASE_POOLER=transaction",
		},
		{
			name:     "serializable behind a pooler",
			settings: throughPooler("ALTER DATABASE $database SET default_transaction_isolation = 'serializable'"),
			subject:  "pooler",
			finding:  "default_transaction_isolation is serializable",
		},
		{
			name:     "commits without waiting behind a pooler",
			settings: throughPooler("ALTER DATABASE $database SET synchronous_commit = off"),
			subject:  "pooler",
			finding:  "synchronous_commit is off",
		},
	}, "pass0word")
}
