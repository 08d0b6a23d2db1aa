package integration

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"parley/app/postgres/postgrestest"
	"parley/app/replica"
)

// TestALaterReleasesSchema: while replicas are upgraded one by one, one of the release before starts and serves, stores too, and says in its log what it found.
func TestALaterReleasesSchema(t *testing.T) {
	t.Parallel()
	addresses := newAddresses(t)
	postgrestest.Open(t, addresses.DatabaseURL)
	(&instance{t: t, addresses: addresses}).exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (98765, true)")
	said := make(warnings, 100)
	logger := slog.New(slog.NewTextHandler(io.MultiWriter(said, testLog{t}), nil))
	r := startReplicaWith(t, addresses, replica.Options{Logger: logger})
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	ada.sendStored(ada.openConversation(bob), "all the same")
	r.visitor().get("/readyz").expectStatus(200)
	for len(said) > 0 {
		if strings.Contains(<-said, "it is at version 98765, this program knows up to ") {
			return
		}
	}

	t.Error("the log does not mention the newer schema")
}

// warnings takes those of a log.
type warnings chan string

func (w warnings) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "level=WARN") {
		w <- string(b)
	}
	return len(b), nil
}
