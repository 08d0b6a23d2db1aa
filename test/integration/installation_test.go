package integration

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parley/app/config"
	"parley/app/kafka"
	"parley/app/postgres/postgrestest"
	"parley/app/replica"
	"parley/test/wait"
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

// TestOperatorsSeeAPausedPartition: a record of a newer release stops only its partition; the
// page has the reason and the command.
func TestOperatorsSeeAPausedPartition(t *testing.T) {
	t.Parallel()
	r, ops := startOperated(t, newAddresses(t), false)
	client, err := kgo.NewClient(kgo.SeedBrokers(r.addresses.KafkaBrokers))
	must(t, err)
	defer client.Close()
	newer := &kgo.Record{Topic: kafka.Topic + r.addresses.Suffix, Value: []byte(`{"v":2}`)}
	must(t, client.ProduceSync(context.Background(), newer).FirstErr())

	command := fmt.Sprintf("parley dead-letters bury %d %d", newer.Partition, newer.Offset)
	wait.Until(t, "the page shows the reason", func() bool {
		text := words(ops.page("/pipeline").Find("[data-paused]"))
		return strings.Contains(text, "its version is 2") && strings.Contains(text, command)
	})
}
