package messagelog

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Names that operators and other tools rely on.
const (
	Topic     = "chat-messages"
	DeadTopic = "chat-messages-dead"
	Group     = "message-processor-group"
)

// Options say which log.
type Options struct {
	Brokers           string // host:port, separated by commas
	Topic             string // normally Topic; tests have their own
	DeadTopic         string
	Group             string
	Partitions        int
	ReplicationFactor int
	Replica           string // this one's host:port, told in each record; "" tells nothing
}

// retention outlives any outage of the store; no byte limit, so that nothing unstored is dropped for its size.
const retention = 14 * 24 * time.Hour

// EnsureTopics makes the topics that are missing. One that exists with another number of partitions is reported and left alone: a change would
// break the order of conversations that are under way.
func EnsureTopics(ctx context.Context, o Options, logger *slog.Logger) error {
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		return err
	}
	defer admin.Close()
	config := map[string]string{"retention.ms": strconv.FormatInt(retention.Milliseconds(), 10), "retention.bytes": "-1"}
	results, err := admin.CreateTopics(ctx, []kafka.TopicSpecification{
		{Topic: o.Topic, NumPartitions: o.Partitions, ReplicationFactor: o.ReplicationFactor, Config: config},
		{Topic: o.DeadTopic, NumPartitions: 1, ReplicationFactor: o.ReplicationFactor, Config: map[string]string{"retention.ms": "-1"}},
	}, kafka.SetAdminOperationTimeout(10*time.Second))
	if err != nil {
		return err
	}
	for _, r := range results {
		switch r.Error.Code() {
		case kafka.ErrNoError:
			logger.Info("topic made", "topic", r.Topic)
		case kafka.ErrTopicAlreadyExists:
		default:
			return fmt.Errorf("topic %s: %w", r.Topic, r.Error)
		}
	}
	return reportPartitions(admin, o, logger)
}

func reportPartitions(admin *kafka.AdminClient, o Options, logger *slog.Logger) error {
	meta, err := admin.GetMetadata(&o.Topic, false, 5000)
	if err != nil {
		return err
	}
	if n := len(meta.Topics[o.Topic].Partitions); n != o.Partitions {
		logger.Warn("the topic has another number of partitions than KAFKA_PARTITIONS asks for; it is left as it is",
			"topic", o.Topic, "partitions", n, "setting", o.Partitions)
	}
	return nil
}

func base(o Options) *kafka.ConfigMap {
	return &kafka.ConfigMap{
		"bootstrap.servers": o.Brokers, "client.id": "parley", "log_level": 2,
		"topic.metadata.refresh.interval.ms": 10_000, "enable.metrics.push": false,
		"reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 1000, "broker.address.family": "any",
	}
}

func with(cfg *kafka.ConfigMap, more kafka.ConfigMap) *kafka.ConfigMap {
	for k, v := range more {
		(*cfg)[k] = v
	}
	return cfg
}
