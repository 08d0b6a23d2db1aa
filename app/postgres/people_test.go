package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// TestSearchUsesTheIndex checks the plan of a search in scripts that a trigram index
// of PostgreSQL can't serve in a database with the locale C.
func TestSearchUsesTheIndex(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), postgrestest.URL(t)
	postgrestest.Open(t, url)
	conn := connect(t, url)

	rows := [][]any{}
	for i := range 5000 {
		name := fmt.Sprintf("Жанна %d 李小 %d", i%7, i)
		folded := chat.Fold(name)
		rows = append(rows, []any{chat.NewID(), name, folded, chat.NameGrams(folded)})
	}
	columns := []string{"id", "name", "folded_name", "name_grams"}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"users"}, columns, pgx.CopyFromRows(rows))
	must(t, err)
	for _, sql := range []string{"VACUUM ANALYZE users", "SET plan_cache_mode = force_generic_plan"} {
		_, err = conn.Exec(ctx, sql)
		must(t, err)
	}

	for _, text := range []string{"4999", "小 49", "жанна 5 李小 77"} {
		plan, err := conn.Query(ctx, "EXPLAIN SELECT id FROM users WHERE name_grams @> $1::text[]",
			chat.QueryGrams(chat.Fold(text)))
		must(t, err)
		lines, err := pgx.CollectRows(plan, pgx.RowTo[string])
		must(t, err)
		if all := strings.Join(lines, "\n"); !strings.Contains(all, "users_name_grams") {
			t.Errorf("search for %q doesn't use the index:\n%s", text, all)
		}
	}
}
