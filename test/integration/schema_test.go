package integration

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"parley/app/postgres/postgrestest"
	"parley/app/replica"
	"parley/test/wait"
)

// TestNewerSchema: during an upgrade, a replica of the previous release starts,
// serves and stores on the newer schema, and logs a warning.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	addresses := newAddresses(t)
	postgrestest.Open(t, addresses.DatabaseURL)
	newer := "INSERT INTO goose_db_version (version_id, is_applied) VALUES (98765, true)"
	postgrestest.Exec(t, addresses.DatabaseURL, newer)
	logged := make(warnings, 100)
	logger := slog.New(slog.NewTextHandler(io.MultiWriter(logged, testLog{t}), nil))
	r := startReplicaWith(t, addresses, replica.Options{Logger: logger})
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	ada.sendStored(ada.openConversation(bob), "all the same")
	r.visitor().get("/readyz").expectStatus(200)
	for len(logged) > 0 {
		if strings.Contains(<-logged, "serving with a newer schema") {
			return
		}
	}

	t.Error("the log does not mention the newer schema")
}

// TestFailedMigrationIsNotReady: a replica that can't migrate says so and is not ready,
// although PostgreSQL answers. It continues when the cause is removed.
func TestFailedMigrationIsNotReady(t *testing.T) {
	t.Parallel()
	addresses := newAddresses(t)
	postgrestest.Exec(t, addresses.DatabaseURL, "CREATE TABLE pictures ()")
	r := startReplicaWith(t, addresses, replica.Options{})

	ready := r.visitor().get("/readyz")
	if ready.expectStatus(503); !strings.Contains(ready.body, "the schema is older than this program") {
		t.Errorf("/readyz: %s", ready.body)
	}

	postgrestest.Exec(t, addresses.DatabaseURL, "DROP TABLE pictures")
	wait.Until(t, "the replica is ready", func() bool {
		return strings.Contains(r.visitor().get("/readyz").body, `"status":"ready"`)
	})
}

// warnings receives the warnings of a log.
type warnings chan string

func (w warnings) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "level=WARN") {
		w <- string(b)
	}
	return len(b), nil
}
