package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// retention is longer than any outage of the store. There is no byte limit, because records
// that are not stored yet must not be deleted for their size.
const retention = 14 * 24 * time.Hour

const metadataTimeout = 5 * time.Second

// EnsureTopics creates the topics that are missing. A topic with another number of partitions
// is logged and left unchanged, because a change would break the order of conversations that
// are under way.
func EnsureTopics(ctx context.Context, o Options, logger *slog.Logger) error {
	admin, err := newAdmin(o)
	if err != nil {
		return err
	}
	defer admin.Close()

	config := map[string]string{
		"retention.ms":    strconv.FormatInt(retention.Milliseconds(), 10),
		"retention.bytes": "-1",
	}
	dead := map[string]string{"retention.ms": "-1"}
	if o.MinInsyncReplicas > 0 {
		config["min.insync.replicas"] = strconv.Itoa(o.MinInsyncReplicas)
		dead["min.insync.replicas"] = config["min.insync.replicas"]
	}

	results, err := admin.CreateTopics(ctx, []kafka.TopicSpecification{
		{Topic: o.Topic, NumPartitions: o.Partitions, ReplicationFactor: o.ReplicationFactor, Config: config},
		{Topic: o.DeadTopic, NumPartitions: 1, ReplicationFactor: o.ReplicationFactor, Config: dead},
	}, kafka.SetAdminOperationTimeout(10*time.Second))
	if err != nil {
		return err
	}
	for _, r := range results {
		switch r.Error.Code() {
		case kafka.ErrNoError:
			logger.Info("topic created", "topic", r.Topic)
		case kafka.ErrTopicAlreadyExists:
		default:
			return fmt.Errorf("topic %s: %w", r.Topic, r.Error)
		}
	}
	return checkPartitionCount(admin, o, logger)
}

func checkPartitionCount(admin *kafka.AdminClient, o Options, logger *slog.Logger) error {
	meta, err := admin.GetMetadata(&o.Topic, false, int(metadataTimeout.Milliseconds()))
	if err != nil {
		return err
	}

	// A broker that does not know a newly created topic yet reports 0 partitions.
	if n := len(meta.Topics[o.Topic].Partitions); n > 0 && n != o.Partitions {
		logger.Warn("partition count differs from KAFKA_PARTITIONS: topic left unchanged",
			"topic", o.Topic, "partitions", n, "setting", o.Partitions)
	}
	return nil
}

// isMissing reports whether err says that a topic or partition does not exist.
func isMissing(err error) bool {
	switch errorCode(err) {
	case kafka.ErrUnknownTopicOrPart, kafka.ErrUnknownTopic, kafka.ErrUnknownPartition, kafka.ErrUnknownTopicID:
		return true
	}
	return false
}

// errorCode returns Kafka's code of err, or ErrNoError if err has none.
func errorCode(err error) kafka.ErrorCode {
	var kafkaErr kafka.Error
	if errors.As(err, &kafkaErr) {
		return kafkaErr.Code()
	}
	return kafka.ErrNoError
}
