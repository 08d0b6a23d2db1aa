package integration

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"parley/app/postgres/postgrestest"
	"parley/app/replica"
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
		if strings.Contains(<-logged, "it is at version 98765, this program knows up to ") {
			return
		}
	}

	t.Error("the log does not mention the newer schema")
}

// warnings receives the warnings of a log.
type warnings chan string

func (w warnings) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "level=WARN") {
		w <- string(b)
	}
	return len(b), nil
}
