package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// metadataTimeout bounds each request of a start.
const metadataTimeout = 5 * time.Second

// EnsureTopics creates the topics that are missing. Where both exist it needs no right to create
// any. An existing topic is left unchanged: a Producer logs what is wrong with it. The errors
// name what operators must change.
func EnsureTopics(ctx context.Context, o Options, logger *slog.Logger) error {
	admin, err := newAdmin(o)
	if err != nil {
		return err
	}
	defer admin.Close()

	meta, err := admin.GetMetadata(nil, true, int(metadataTimeout.Milliseconds()))
	if err != nil {
		return err
	}
	found, err := inspect(ctx, admin, o, metadataTimeout)
	if err == nil {
		err = createTopics(ctx, admin, o, found.missing, logger)
	}
	if err != nil {
		return explainSilence(meta.Brokers, err)
	}
	if n := found.partitions; n > 0 && n != o.Partitions {
		logger.Warn("partition count differs from KAFKA_PARTITIONS: topic left unchanged",
			"topic", o.Topic, "partitions", n, "setting", o.Partitions)
	}
	return nil
}

// createTopics creates these topics.
func createTopics(
	ctx context.Context, admin *kafka.AdminClient, o Options, topics []string, logger *slog.Logger,
) error {
	if len(topics) == 0 {
		return nil
	}
	results, err := admin.CreateTopics(ctx, specifications(o, topics), kafka.SetAdminOperationTimeout(10*time.Second))
	if err != nil {
		return err
	}
	for _, r := range results {
		switch r.Error.Code() {
		case kafka.ErrNoError:
			logger.Info("topic created", "topic", r.Topic)
		case kafka.ErrTopicAlreadyExists:
		default:
			return cannotCreate(o, r)
		}
	}
	return nil
}

func specifications(o Options, topics []string) (list []kafka.TopicSpecification) {
	for _, topic := range topics {
		partitions := max(1, o.Partitions)
		if topic == o.DeadTopic {
			partitions = 1
		}
		list = append(list, kafka.TopicSpecification{
			Topic:             topic,
			NumPartitions:     partitions,
			ReplicationFactor: max(1, o.ReplicationFactor),
			Config:            topicSettings(o, topic),
		})
	}
	return list
}

// cannotCreate names what operators must change so that a topic can be created.
func cannotCreate(o Options, r kafka.TopicResult) error {
	switch r.Error.Code() {
	case kafka.ErrTopicAuthorizationFailed, kafka.ErrClusterAuthorizationFailed:
		return fmt.Errorf("the topic %s does not exist: create it, or let Parley do so: %s",
			r.Topic, lacks(o, resource{"topic", r.Topic}, "Create"))
	case kafka.ErrInvalidReplicationFactor:
		return fmt.Errorf("the topic %s can't have KAFKA_REPLICATION_FACTOR=%d copies: write at most the number "+
			"of brokers (%w)", r.Topic, o.ReplicationFactor, r.Error)
	}
	return fmt.Errorf("the topic %s can't be created: look at the brokers' create.topic.policy and at KAFKA_…: %w",
		r.Topic, r.Error)
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
