package integration

import (
	"context"
	"testing"

	"parley/test/services"
	"parley/test/wait"
)

// TestBrokerOutages: three brokers have a copy of every record, and two must have it
// before a message is acknowledged. While people send on two replicas, the leader of
// all partitions is moved, stopped and killed, and recovers each time. At last it is
// the only broker, which cannot acknowledge records, so messages are direct writes.
func TestBrokerOutages(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	kafka := startService(t, services.KafkaCluster)
	addresses := newAddresses(t)
	addresses.KafkaBrokers = kafka.URL
	settings := []string{
		"KAFKA_REPLICATION_FACTOR", "3",
		"KAFKA_MIN_INSYNC_REPLICAS", "2",
		"LIMIT_MESSAGES", "0",
		"LIMIT_CONVERSATION", "0",
	}
	one, two := startReplicaAt(t, addresses, settings...), startReplicaAt(t, addresses, settings...)
	topic, leader := one.replica.KafkaOptions.Topic, kafka.Nodes[2]
	l := startWorkload(t, one, two, 8)
	moveLeader := func() {
		t.Helper()
		must(t, kafka.MoveLeader(ctx, topic, leader))
		l.waitForProgress("messages go to the leader of all partitions", 5, inLog)
	}

	moveLeader()
	for name, end := range map[string]func(*services.Service){
		"stopped": (*services.Service).Stop,
		"killed":  (*services.Service).Kill,
	} {
		end(leader)
		wait.Until(t, "another broker leads after the leader was "+name, func() bool {
			now, err := kafka.Leader(ctx, topic, 0)
			return err == nil && now != leader
		})
		l.waitForProgress("messages go to other leaders", 5, inLog)
		must(t, kafka.Start(ctx))
		moveLeader()
	}

	waitForKafka := func() {
		t.Helper()
		for _, r := range []*instance{one, two} {
			wait.Until(t, "Kafka is up", func() bool { return r.dependency("kafka").Since.IsZero() })
		}
	}

	waitForKafka()
	before := []int{one.dependency("kafka").Entered, two.dependency("kafka").Entered}
	for _, broker := range kafka.Nodes[:2] {
		broker.Kill()
	}

	l.waitForProgress("messages are stored directly", 100, direct)
	for i, r := range []*instance{one, two} {
		if d := r.dependency("kafka"); d.Entered != before[i]+1 || d.Since.IsZero() {
			t.Errorf("Kafka had been down %d times, now %+v", before[i], d)
		}
	}

	must(t, kafka.Start(ctx))
	l.waitForProgress("messages go into the log again", 5, inLog)
	waitForKafka()
	l.check()
	wait.Until(t, "the writers' lag is 0", func() bool { return total(lagOfGroup(t, one.replica.KafkaOptions)) == 0 })
}
