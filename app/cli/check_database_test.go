package cli

import (
	"context"
	"maps"
	"net/url"
	"strings"
	"testing"

	"parley/app/postgres/postgrestest"
)

// TestCheckGoesEveryWayToTheDatabase: to the primary, through a real pooler, to a real standby. Each mistake is told once, by the setting that has it.
func TestCheckGoesEveryWayToTheDatabase(t *testing.T) {
	elsewhere := postgrestest.URL(t) // on the server that all tests share
	primary := postgrestest.Server(t)
	standby, left, pool := postgrestest.Standby(t, primary), postgrestest.Standby(t, primary), postgrestest.Pooler(t)
	direct, other := postgrestest.URL(t), postgrestest.URL(t)
	if _, err := postgrestest.Open(t, direct).Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	postgrestest.Exec(t, direct, "CREATE ROLE reader LOGIN PASSWORD 'reads0only' IN ROLE pg_read_all_data")
	postgrestest.Exec(t, direct, "CREATE ROLE stranger LOGIN PASSWORD 'reads0nothing'")
	postgrestest.Exec(t, direct, "CREATE TABLE of_others ()")
	postgrestest.Exec(t, direct, "ALTER TABLE of_others OWNER TO reader") // theirs are no matter of ours
	pooled, read := postgrestest.At(t, pool, direct), postgrestest.At(t, standby, direct)
	as := func(address, user, password string) string {
		return changed(t, address, func(u *url.URL) { u.User = url.UserPassword(user, password) })
	}
	query := func(address, more string) string {
		return changed(t, address, func(u *url.URL) { u.RawQuery += "&" + more })
	}
	away := changed(t, direct, func(u *url.URL) { u.Host = "127.0.0.1:1" })
	good := map[string]string{"PORT": freePort(t), "DATABASE_URL": pooled, "DATABASE_POOLER": "transaction", "DATABASE_DIRECT_URL": direct, "DATABASE_READ_URL": as(read, "reader", "reads0only")}
	if out, err := checked(good); err != nil || strings.Contains(out, "WRONG") || strings.Count(out, "fine") != 8 {
		t.Fatalf("with nothing wrong: %v\n%s", err, out)
	}
	plain := func(address string) map[string]string {
		return map[string]string{"DATABASE_URL": address, "DATABASE_POOLER": "none", "DATABASE_DIRECT_URL": ""}
	}
	for _, mistake := range []struct {
		what      string
		wrong     map[string]string
		part      string
		says      string
		meanwhile func() // after which it is seen
	}{
		{"a pooler of which nobody was told", plain(pooled), "PostgreSQL", "DATABASE_URL leads to a pooler: set DATABASE_POOLER=transaction", nil},
		{"TLS where there is none", plain(query(direct, "sslmode=require")), "PostgreSQL", "sslmode of DATABASE_URL", nil},
		{"past the pooler, through it", map[string]string{"DATABASE_DIRECT_URL": pooled}, "PostgreSQL", "DATABASE_DIRECT_URL leads to a pooler", nil},
		{"the primary elsewhere", map[string]string{"DATABASE_DIRECT_URL": away}, "PostgreSQL", "the port of DATABASE_DIRECT_URL", nil},
		{"a standby for a primary", plain(read), "PostgreSQL", "DATABASE_URL leads to a standby", nil},
		{"a database that only reads", plain(query(direct, "default_transaction_read_only=on")), "PostgreSQL", "DATABASE_URL leads to a database that only reads", nil},
		{"the pooler elsewhere", map[string]string{"DATABASE_URL": away}, "pooler", "the port of DATABASE_URL", nil},
		{"a user whom the pooler doesn't know", map[string]string{"DATABASE_URL": as(pooled, "stranger", "reads0nothing")}, "pooler", "DATABASE_URL", nil},
		{"no such database there", map[string]string{"DATABASE_URL": changed(t, pooled, func(u *url.URL) { u.Path = "/nowhere" })}, "pooler", "by way of DATABASE_URL PostgreSQL says: database \"nowhere\" does not exist", nil},
		{"another database there", map[string]string{"DATABASE_URL": postgrestest.At(t, pool, other)}, "pooler", "DATABASE_URL and DATABASE_DIRECT_URL lead to two different databases", nil},
		{"another schema there", map[string]string{"DATABASE_URL": query(direct, "search_path=pg_catalog")}, "pooler", "works in the schema \"pg_catalog\"", nil},
		{"a pooler before the standby", map[string]string{"DATABASE_URL": read}, "pooler", "DATABASE_URL leads to a standby", nil},
		{"a pooler's database that only reads", map[string]string{"DATABASE_URL": query(direct, "default_transaction_read_only=on")}, "pooler", "DATABASE_URL leads to a database that only reads", nil},
		{"a pooler's user who only reads", map[string]string{"DATABASE_URL": as(direct, "reader", "reads0only")}, "pooler", "GRANT SELECT, INSERT, UPDATE, DELETE", nil},
		{"the standby elsewhere", map[string]string{"DATABASE_READ_URL": away}, "standby", "the port of DATABASE_READ_URL", nil},
		{"a wrong password there", map[string]string{"DATABASE_READ_URL": as(read, "reader", "wrong0wrong")}, "standby", "the password of DATABASE_READ_URL", nil},
		{"a pooler before it", map[string]string{"DATABASE_READ_URL": pooled}, "standby", "DATABASE_READ_URL leads to a pooler", nil},
		{"the primary once more", map[string]string{"DATABASE_READ_URL": direct}, "standby", "DATABASE_READ_URL leads to no standby", nil},
		{"another server", map[string]string{"DATABASE_READ_URL": elsewhere}, "standby", "DATABASE_READ_URL and DATABASE_DIRECT_URL lead to two different databases", nil},
		{"a standby's other database", map[string]string{"DATABASE_READ_URL": postgrestest.At(t, standby, other)}, "standby", "two different databases", nil},
		{"a user who may not read", map[string]string{"DATABASE_READ_URL": as(read, "stranger", "reads0nothing")}, "standby", "\"stranger\" of DATABASE_READ_URL may not use ", nil},
		{"a standby that stands still", nil, "standby", "the standby of DATABASE_READ_URL is behind, by ", func() {
			postgrestest.Exec(t, read, "SELECT pg_wal_replay_pause()")
			postgrestest.Exec(t, direct, "CREATE TABLE made_meanwhile ()")
		}},
		{"a standby of the old primary", map[string]string{"DATABASE_URL": read, "DATABASE_DIRECT_URL": read, "DATABASE_READ_URL": postgrestest.At(t, left, direct)}, "standby", "follows another primary", func() {
			postgrestest.Exec(t, read, "SELECT pg_wal_replay_resume()")
			postgrestest.Exec(t, read, "SELECT pg_promote()")
		}},
	} {
		if mistake.meanwhile != nil {
			mistake.meanwhile()
		}
		settings := maps.Clone(good)
		maps.Copy(settings, mistake.wrong)
		out, err := checked(settings)
		if err == nil || strings.Count(out, "WRONG") != 1 || !strings.Contains(out, "WRONG  "+mistake.part) || !strings.Contains(out, mistake.says) {
			t.Errorf("%s: %v\n%s", mistake.what, err, out)
		}
		for _, secret := range []string{"reads0only", "reads0nothing", "wrong0wrong"} {
			if strings.Contains(out, secret) {
				t.Errorf("%s: a password is shown:\n%s", mistake.what, out)
			}
		}
	}
}

func changed(t *testing.T, address string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return with(u, change)
}
