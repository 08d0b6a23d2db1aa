package cli

import (
	"context"
	"strings"
	"testing"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// TestSeedRefusesADatabaseOfOthers: only --into-this-database mixes the seed with a
// database of a setting, whether it has people or not.
func TestSeedRefusesADatabaseOfOthers(t *testing.T) {
	address := postgrestest.URL(t)
	t.Setenv("DATABASE_URL", address)
	t.Setenv("REDIS_URL", "redis://127.0.0.1:1")
	t.Setenv("KAFKA_BROKERS", "127.0.0.1:1")

	refused(t, []string{"seed"}, "--into-this-database")

	store := postgrestest.Open(t, address)
	if _, err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ada := chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName("Ada"), Name: "Ada"}
	if _, err := store.Account(t.Context(), ada); err != nil {
		t.Fatal(err)
	}

	refused(t, []string{"seed"}, "--into-this-database")

	var out strings.Builder
	err := run(context.Background(), []string{"seed", "--into-this-database"}, &out)
	if err != nil || !strings.Contains(out.String(), "There is no undo") {
		t.Errorf("with the flag: %v, %s", err, out.String())
	}
}
