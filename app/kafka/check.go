package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// checkTimeout is how long the brokers have to answer the first request.
const checkTimeout = 5 * time.Second

// Check requests the topic's metadata once and changes nothing. Its errors advise operators
// which setting to change. partitions is 0 if the topic does not exist yet, which is no error,
// because a start creates it.
func Check(ctx context.Context, o Options) (partitions int, err error) {
	admin, err := kafka.NewAdminClient(clientConfig(o, kafka.ConfigMap{"go.logs.channel.enable": false}))
	if err != nil {
		return 0, fmt.Errorf("KAFKA_…: %w", err)
	}
	defer admin.Close()

	meta, err := admin.GetMetadata(nil, true, int(checkTimeout.Milliseconds()))
	if err != nil {
		if advice := refusalAdvice(err); advice != "" {
			return 0, errors.New(advice)
		}
		return 0, errors.New("no broker answers: look at the hosts and ports of KAFKA_BROKERS, " +
			"at KAFKA_SECURITY_PROTOCOL and its neighbours, and whether Kafka runs")
	}

	topic, exists := meta.Topics[o.Topic]
	switch n := len(topic.Partitions); {
	case !exists && o.ReplicationFactor > len(meta.Brokers):
		return 0, fmt.Errorf("KAFKA_REPLICATION_FACTOR is %d and there are %d brokers: write at most that",
			o.ReplicationFactor, len(meta.Brokers))
	case !exists:
		return 0, nil
	case n != o.Partitions && o.Partitions > 0:
		return n, fmt.Errorf("the topic %s has %d partitions and KAFKA_PARTITIONS says %d: "+
			"write %[2]d, or stop all replicas and run parley partitions %[3]d", o.Topic, n, o.Partitions)
	default:
		return n, nil
	}
}
