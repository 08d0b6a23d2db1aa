package cli

import (
	"context"
	"net/url"
	"testing"

	"parley/app/postgres/postgrestest"
)

// TestCheckOfEachDatabaseAddress covers the primary, a real pooler and a real
// standby. Each mistake is reported once, under the setting that has it.
func TestCheckOfEachDatabaseAddress(t *testing.T) {
	t.Parallel()
	shared := postgrestest.URL(t) // on the server that all tests share
	primary := postgrestest.Server(t)
	standby, formerStandby := postgrestest.Standby(t, primary), postgrestest.Standby(t, primary)
	pool := postgrestest.PoolerAt(t, primary.URL)
	direct, other := postgrestest.URLAt(t, primary.URL), postgrestest.URLAt(t, primary.URL)
	if _, err := postgrestest.Open(t, direct).Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}

	postgrestest.Exec(t, direct, "CREATE ROLE reader LOGIN PASSWORD 'reads0only' IN ROLE pg_read_all_data")
	postgrestest.Exec(t, direct, "CREATE ROLE stranger LOGIN PASSWORD 'reads0nothing'")
	postgrestest.Exec(t, direct, "CREATE TABLE of_others ()")
	postgrestest.Exec(t, direct, "ALTER TABLE of_others OWNER TO reader") // a foreign table that Parley doesn't need

	pooled, read := postgrestest.At(t, pool, direct), postgrestest.At(t, standby, direct)
	as := func(address, user, password string) string {
		return changedURL(t, address, func(u *url.URL) { u.User = url.UserPassword(user, password) })
	}

	query := func(address, more string) string {
		return changedURL(t, address, func(u *url.URL) { u.RawQuery += "&" + more })
	}

	unreachable := changedURL(t, direct, func(u *url.URL) { u.Host = "127.0.0.1:1" })
	good := map[string]string{
		"PORT":                freePort(t),
		"DATABASE_URL":        pooled,
		"DATABASE_POOLER":     "transaction",
		"DATABASE_DIRECT_URL": direct,
		"DATABASE_READ_URL":   as(read, "reader", "reads0only"),
	}

	expectFine(t, good, 8)

	withoutPooler := func(address string) map[string]string {
		return map[string]string{"DATABASE_URL": address, "DATABASE_POOLER": "none", "DATABASE_DIRECT_URL": ""}
	}

	expectOneFinding(t, good, []mistake{
		{
			name:     "undeclared pooler",
			settings: withoutPooler(pooled),
			subject:  "PostgreSQL",
			finding:  "DATABASE_URL leads to a pooler: set DATABASE_POOLER=transaction",
		},
		{
			name:     "TLS without a TLS server",
			settings: withoutPooler(query(direct, "sslmode=require")),
			subject:  "PostgreSQL",
			finding:  "sslmode of DATABASE_URL",
		},
		{
			name:     "pooler as the direct address",
			settings: map[string]string{"DATABASE_DIRECT_URL": pooled},
			subject:  "PostgreSQL",
			finding:  "DATABASE_DIRECT_URL leads to a pooler",
		},
		{
			name:     "no primary at the address",
			settings: map[string]string{"DATABASE_DIRECT_URL": unreachable},
			subject:  "PostgreSQL",
			finding:  "the port of DATABASE_DIRECT_URL",
		},
		{
			name:     "standby as the primary",
			settings: withoutPooler(read),
			subject:  "PostgreSQL",
			finding:  "DATABASE_URL leads to a standby",
		},
		{
			name:     "read-only database",
			settings: withoutPooler(query(direct, "default_transaction_read_only=on")),
			subject:  "PostgreSQL",
			finding:  "DATABASE_URL leads to a database that only reads",
		},
		{
			name:     "no pooler at the address",
			settings: map[string]string{"DATABASE_URL": unreachable},
			subject:  "pooler",
			finding:  "the port of DATABASE_URL",
		},
		{
			name:     "user unknown to the pooler",
			settings: map[string]string{"DATABASE_URL": as(pooled, "stranger", "reads0nothing")},
			subject:  "pooler",
			finding:  "DATABASE_URL",
		},
		{
			name: "database unknown to the pooler",
			settings: map[string]string{
				"DATABASE_URL": changedURL(t, pooled, func(u *url.URL) { u.Path = "/nowhere" }),
			},
			subject: "pooler",
			finding: "by way of DATABASE_URL PostgreSQL says: database \"nowhere\" does not exist",
		},
		{
			name:     "pooler of another database",
			settings: map[string]string{"DATABASE_URL": postgrestest.At(t, pool, other)},
			subject:  "pooler",
			finding:  "DATABASE_URL and DATABASE_DIRECT_URL lead to two different databases",
		},
		{
			name:     "pooler with another schema",
			settings: map[string]string{"DATABASE_URL": query(direct, "search_path=pg_catalog")},
			subject:  "pooler",
			finding:  "works in the schema \"pg_catalog\"",
		},
		{
			name:     "pooler of the standby",
			settings: map[string]string{"DATABASE_URL": read},
			subject:  "pooler",
			finding:  "DATABASE_URL leads to a standby",
		},
		{
			name:     "read-only database behind the pooler",
			settings: map[string]string{"DATABASE_URL": query(direct, "default_transaction_read_only=on")},
			subject:  "pooler",
			finding:  "DATABASE_URL leads to a database that only reads",
		},
		{
			name:     "read-only user behind the pooler",
			settings: map[string]string{"DATABASE_URL": as(direct, "reader", "reads0only")},
			subject:  "pooler",
			finding:  "GRANT SELECT, INSERT, UPDATE, DELETE",
		},
		{
			name:     "no standby at the address",
			settings: map[string]string{"DATABASE_READ_URL": unreachable},
			subject:  "standby",
			finding:  "the port of DATABASE_READ_URL",
		},
		{
			name:     "wrong password of the standby",
			settings: map[string]string{"DATABASE_READ_URL": as(read, "reader", "wrong0wrong")},
			subject:  "standby",
			finding:  "the password of DATABASE_READ_URL",
		},
		{
			name:     "pooler as the standby",
			settings: map[string]string{"DATABASE_READ_URL": pooled},
			subject:  "standby",
			finding:  "DATABASE_READ_URL leads to a pooler",
		},
		{
			name:     "primary as the standby",
			settings: map[string]string{"DATABASE_READ_URL": direct},
			subject:  "standby",
			finding:  "DATABASE_READ_URL leads to no standby",
		},
		{
			name:     "another server as the standby",
			settings: map[string]string{"DATABASE_READ_URL": shared},
			subject:  "standby",
			finding:  "DATABASE_READ_URL and DATABASE_DIRECT_URL lead to two different databases",
		},
		{
			name:     "another database of the standby",
			settings: map[string]string{"DATABASE_READ_URL": postgrestest.At(t, standby, other)},
			subject:  "standby",
			finding:  "two different databases",
		},
		{
			name:     "user without the right to read",
			settings: map[string]string{"DATABASE_READ_URL": as(read, "stranger", "reads0nothing")},
			subject:  "standby",
			finding:  "\"stranger\" of DATABASE_READ_URL may not use ",
		},
		{
			name:    "standby that replays nothing",
			subject: "standby",
			finding: "the standby of DATABASE_READ_URL is behind, by ",
			before: func() {
				postgrestest.Exec(t, read, "SELECT pg_wal_replay_pause()")
				postgrestest.Exec(t, direct, "CREATE TABLE made_meanwhile ()")
			},
		},
		{
			name: "standby of a former primary",
			settings: map[string]string{
				"DATABASE_URL":        read,
				"DATABASE_DIRECT_URL": read,
				"DATABASE_READ_URL":   postgrestest.At(t, formerStandby, direct),
			},
			subject: "standby",
			finding: "follows another primary",
			before: func() {
				postgrestest.Exec(t, read, "SELECT pg_wal_replay_resume()")
				postgrestest.Exec(t, read, "SELECT pg_promote()")
			},
		},
	}, "reads0only", "reads0nothing", "wrong0wrong")
}

// changedURL is changed, of an address in a string.
func changedURL(t *testing.T, address string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return changed(u, change)
}
