package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
)

// TestTablesAreReadOnlyAndBounded replaces a table by a view that sleeps, and by
// one that writes: reading the first must time out, the second must be rejected.
// With a pooler the transaction begins in another way, so both are tested.
func TestTablesAreReadOnlyAndBounded(t *testing.T) {
	t.Parallel()
	for name, pooled := range map[string]bool{"direct": false, "pooled": true} {
		t.Run(name, func(t *testing.T) {
			ctx, url := context.Background(), postgrestest.URL(t)
			s := postgrestest.OpenWith(t, postgres.Options{URL: url, Pooled: pooled})
			exec := func(sql string) { t.Helper(); postgrestest.Exec(t, url, sql) }
			readCode := func() string {
				_, err := s.Table(ctx, "friendships", "", false)
				var pg *pgconn.PgError
				if errors.As(err, &pg) {
					return pg.Code
				}
				return ""
			}

			exec(`INSERT INTO users (id, name, folded_name, name_grams)
				SELECT gen_random_uuid(), 'u' || i, 'u' || i, '{}' FROM generate_series(1, 120) i`)
			exec(`INSERT INTO friendships
				SELECT low.id, high.id FROM users low JOIN users high ON low.id < high.id LIMIT 120`)
			page, err := s.Table(ctx, "friendships", "", false)
			if err != nil || len(page.Rows) != 50 || page.Next == "" || page.TableInfo.Rows != 120 {
				t.Fatalf("a page of %d rows of %d, error %v; want 50 of 120", len(page.Rows), page.TableInfo.Rows, err)
			}

			exec(`ALTER TABLE friendships RENAME TO kept`)
			exec(`CREATE VIEW friendships AS SELECT low_id, high_id, since FROM kept, pg_sleep(60)`)
			// On a busy machine the timeout of the whole request may come first.
			for attempt := 1; readCode() != "57014"; attempt++ {
				if attempt == 5 {
					t.Fatal("no statement was cancelled by its timeout")
				}
			}

			exec(`DROP VIEW friendships`)
			exec(`CREATE FUNCTION meddle() RETURNS bool LANGUAGE plpgsql AS
				$$ BEGIN DELETE FROM kept; RETURN true; END $$`)
			exec(`CREATE VIEW friendships AS SELECT low_id, high_id, since FROM kept WHERE meddle()`)
			if got := readCode(); got != "25006" {
				t.Errorf("a function that writes: SQLSTATE %q, want 25006", got)
			}
			var left int
			err = connect(t, url).QueryRow(ctx, `SELECT count(*) FROM kept`).Scan(&left)
			if err != nil || left != 120 {
				t.Errorf("%d rows are left of 120, error %v", left, err)
			}
		})
	}
}
