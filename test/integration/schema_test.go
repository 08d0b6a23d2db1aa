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
	at := theShared(t)
	postgrestest.Open(t, at.DatabaseURL)
	(&instance{t: t, at: at}).query("INSERT INTO goose_db_version (version_id, is_applied) VALUES (98765, true)")
	said := make(warnings, 100)
	logger := slog.New(slog.NewTextHandler(io.MultiWriter(said, logs{t}), nil))
	r := startReplicaWith(t, at, replica.Options{Logger: logger})
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	ada.sendsStored(ada.opens(bob), "all the same")
	r.stranger().get("/readyz").is(200)
	for len(said) > 0 {
		if strings.Contains(<-said, "it is at version 98765, this program knows up to ") {
			return
		}
	}
	t.Error("the log doesn't tell")
}

// warnings takes those of a log.
type warnings chan string

func (w warnings) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "level=WARN") {
		w <- string(b)
	}
	return len(b), nil
}
