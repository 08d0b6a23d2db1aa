package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
)

// TestOperatorsCannotWrite: what stands in the place of a table, and sleeps, or changes something when it is read, is given up, or refused. By way of
// a pooler too, where the transaction begins in other words.
func TestOperatorsCannotWrite(t *testing.T) {
	for name, pooled := range map[string]bool{"direct": false, "pooled": true} {
		t.Run(name, func(t *testing.T) {
			ctx, url := context.Background(), postgrestest.URL(t)
			s := postgrestest.OpenWith(t, postgres.Options{URL: url, Pooled: pooled})
			conn, err := pgx.Connect(ctx, url)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(ctx)
			exec := func(sql string) {
				t.Helper()
				if _, err := conn.Exec(ctx, sql); err != nil {
					t.Fatal(err)
				}
			}
			code := func() string {
				_, err := s.Table(ctx, "friendships", "", false)
				var refused *pgconn.PgError
				errors.As(err, &refused)
				if refused == nil {
					return ""
				}
				return refused.Code
			}
			exec(`INSERT INTO users (id, name, folded_name) SELECT gen_random_uuid(), 'u' || i, 'u' || i FROM generate_series(1, 120) i`)
			exec(`INSERT INTO friendships SELECT low.id, high.id FROM users low JOIN users high ON low.id < high.id LIMIT 120`)
			page, err := s.Table(ctx, "friendships", "", false)
			if err != nil || len(page.Rows) != 50 || page.Next == "" || page.TableInfo.Rows != 120 {
				t.Fatalf("%d rows of %d, %v", len(page.Rows), page.TableInfo.Rows, err)
			}

			exec(`ALTER TABLE friendships RENAME TO kept`)
			exec(`CREATE VIEW friendships AS SELECT low_id, high_id, since FROM kept, pg_sleep(60)`)
			for tries := 1; code() != "57014"; tries++ { // a machine that is busy may reach the request's own bound first
				if tries == 5 {
					t.Fatal("a statement is never given up")
				}
			}

			exec(`DROP VIEW friendships`)
			exec(`CREATE FUNCTION meddle() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN DELETE FROM kept; RETURN true; END $$`)
			exec(`CREATE VIEW friendships AS SELECT low_id, high_id, since FROM kept WHERE meddle()`)
			if got := code(); got != "25006" {
				t.Errorf("a function that writes is answered %q", got)
			}
			var left int
			if err := conn.QueryRow(ctx, `SELECT count(*) FROM kept`).Scan(&left); err != nil || left != 120 {
				t.Errorf("%d rows are left of 120 (%v)", left, err)
			}
		})
	}
}
