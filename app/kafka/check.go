package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// checkTimeout is how long brokers have to answer a first question.
const checkTimeout = 5 * time.Second

// Check asks the brokers once, and says in words what is wrong with them or with the topic. partitions is 0 where the topic isn't there yet, which is
// nothing wrong: a start makes it. It changes nothing.
func Check(ctx context.Context, o Options) (partitions int, err error) {
	admin, err := kafka.NewAdminClient(with(base(o), kafka.ConfigMap{"go.logs.channel.enable": false}))
	if err != nil {
		return 0, fmt.Errorf("KAFKA_…: %w", err)
	}
	defer admin.Close()
	meta, err := admin.GetMetadata(nil, true, int(checkTimeout.Milliseconds()))
	if err != nil {
		if what := refusal(err); what != "" {
			return 0, errors.New(what)
		}
		return 0, errors.New("no broker answers: look at the hosts and ports of KAFKA_BROKERS, at KAFKA_SECURITY_PROTOCOL and its neighbours, and whether Kafka runs")
	}
	topic, there := meta.Topics[o.Topic]
	switch n := len(topic.Partitions); {
	case !there:
		if o.ReplicationFactor > len(meta.Brokers) {
			return 0, fmt.Errorf("KAFKA_REPLICATION_FACTOR is %d and there are %d brokers: write at most that", o.ReplicationFactor, len(meta.Brokers))
		}
		return 0, nil
	case n != o.Partitions && o.Partitions > 0:
		return n, fmt.Errorf("the topic %s has %d partitions and KAFKA_PARTITIONS says %d: write %[2]d, or stop all replicas and run parley partitions %[3]d", o.Topic, n, o.Partitions)
	default:
		return n, nil
	}
}
