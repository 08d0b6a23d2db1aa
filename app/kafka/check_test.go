package kafka

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/test/services"
	"parley/test/wait"
)

// alter sets a setting of a topic.
func alter(t *testing.T, o Options, topic, name, value string) {
	t.Helper()
	results, err := newAdminClient(t, o).IncrementalAlterConfigs(ctx, []kafka.ConfigResource{{
		Type: kafka.ResourceTopic,
		Name: topic,
		Config: []kafka.ConfigEntry{{
			Name:                 name,
			Value:                value,
			IncrementalOperation: kafka.AlterConfigOpTypeSet,
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError {
			t.Fatal(r.Error)
		}
	}
}

// TestTopicSettings: what brokers default to does not count for topics that Parley creates.
// The check names each setting of a ready-made topic that could lose messages, and a log with
// such a setting is not used.
func TestTopicSettings(t *testing.T) {
	t.Parallel()
	broker := services.Kafka(t.TempDir())
	broker.Properties = `log.cleanup.policy=compact
log.retention.ms=3600000
log.retention.bytes=1000000
message.max.bytes=100000
`
	t.Cleanup(broker.Kill)
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}
	o := uniqueOptions(broker.URL)
	o.DeadLetterRetention = 90 * minSafeRetention
	o.Retention = 14 * minSafeRetention
	if err := EnsureTopics(ctx, o, quiet); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(ctx, o); err != nil {
		t.Errorf("topics that Parley created: %v", err)
	}

	log := &logBuffer{}
	p := startProducer(t, o, slog.New(slog.NewTextHandler(log, nil)))
	wait.Until(t, "the log accepts messages", p.Up)
	for _, c := range []struct {
		topic, name, value, good string
		outage                   bool
	}{
		{o.Topic, "cleanup.policy", "compact", "delete", true},
		{o.Topic, "cleanup.policy", "compact,delete", "delete", true},
		{o.Topic, "retention.ms", "3600000", "1209600000", true},
		{o.Topic, "retention.ms", "604800000", "1209600000", false},
		{o.Topic, "retention.ms", "-1", "1209600000", false},
		{o.Topic, "retention.bytes", "1000000", "-1", true},
		{o.Topic, "retention.bytes", "100000000000", "-1", false},
		{o.Topic, "max.message.bytes", "1000", "1048576", false},
		{o.DeadTopic, "cleanup.policy", "compact", "delete", false},
		{o.DeadTopic, "retention.ms", "86400000", "7776000000", false},
	} {
		alter(t, o, c.topic, c.name, c.value)
		wantCommand := fmt.Sprintf("--entity-name %s --add-config %s=%s", c.topic, c.name, c.good)
		checkBecomes(t, o, 1, c.name+"="+c.value, wantCommand)
		if c.outage {
			wait.Log(t, "the log with "+c.name+"="+c.value+" is down", func() bool { return !p.Up() })
		}
		alter(t, o, c.topic, c.name, c.good)
		checkBecomes(t, o, 0)
		wait.Log(t, "the log is up", p.Up)
	}
	if n := strings.Count(log.String(), "retention.ms=3600000"); n != 1 {
		t.Errorf("a short retention is logged %d times:\n%s", n, log)
	}

	alter(t, o, o.Topic, "min.insync.replicas", "2")
	checkBecomes(t, o, 1, "nothing is acknowledged")
	wait.Until(t, "a log that acknowledges nothing is down", func() bool { return !p.Up() })
	alter(t, o, o.Topic, "min.insync.replicas", "1")
	wait.Until(t, "the log is up", p.Up)

	o.ReplicationFactor, o.MinInsyncReplicas = 3, 2
	checkBecomes(t, o, 4, o.Topic+" has copies: 1, and KAFKA_REPLICATION_FACTOR is 3", "min.insync.replicas=2")
	o.ReplicationFactor, o.MinInsyncReplicas = 1, 0
	for partitions, advice := range map[int]string{2: "can't take any away", 6: "parley partitions 6"} {
		o.Partitions = partitions
		checkBecomes(t, o, 1, advice)
	}
	o.Partitions = 3
	missing := uniqueOptions(broker.URL)
	missing.ReplicationFactor = 3
	checkBecomes(t, missing, 1, "KAFKA_REPLICATION_FACTOR=3")
}

// TestUnreachableAdvertisedBrokers: the check and the log name the address.
func TestUnreachableAdvertisedBrokers(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	broker := services.Kafka(t.TempDir())
	broker.AdvertisedPort = closed.Addr().(*net.TCPAddr).Port
	t.Cleanup(broker.Kill)
	// The service waits for an answer at the advertised address, which nobody gives.
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}

	o := uniqueOptions(broker.URL)
	address := closed.Addr().String()
	checkBecomes(t, o, 1, address, "advertised.listeners")
	if err := EnsureTopics(ctx, o, quiet); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("a start says %v", err)
	}
	log := &logBuffer{}
	p := startProducer(t, o, slog.New(slog.NewTextHandler(log, nil)))
	wait.Until(t, "the address is logged", func() bool { return strings.Contains(log.String(), address) })
	if p.Up() {
		t.Error("the log is up")
	}
}

// TestALargeMessageConcernsNobodyElse: a topic that refuses it still takes the others.
func TestALargeMessageConcernsNobodyElse(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	alter(t, o, o.Topic, "max.message.bytes", "2000")
	p := newProducer(t, o)
	for range 3 {
		if _, err := p.Append(ctx, message(uuid.New(), strings.Repeat("large ", 1000))); err == nil {
			t.Fatal("the topic accepted a large message")
		}
		if !p.Up() {
			t.Fatal("after a large message the log is down")
		}
		mustAppend(t, p, message(uuid.New(), "small"))
	}
}
