package integration

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"

	"parley/app/config"
	"parley/app/postgres/postgrestest"
	"parley/app/replica"
)

// TestAReplicaWithAnotherDatabaseEnds: the messages in the log are not its own. Another replica
// with the log's own database runs.
func TestAReplicaWithAnotherDatabaseEnds(t *testing.T) {
	t.Parallel()
	first := startReplica(t)
	ada, _, conversation := first.signInFriends()
	ada.sendStored(conversation, "hello")
	startReplicaAt(t, first.addresses)

	foreign := first.addresses
	foreign.DatabaseURL = postgrestest.URL(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	cfg, err := config.Load(func(string) (string, bool) { return "", false })
	must(t, err)
	n, err := replica.New(cfg, foreign, replica.Options{Logger: slog.New(slog.DiscardHandler)})
	must(t, err)

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	err = n.Run(ctx, l, stop) // a replica that becomes ready ends without an error
	if err == nil || !strings.Contains(err.Error(), "belongs to another installation") {
		t.Errorf("a replica with another database: %v", err)
	}
}
