package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// offsetMap has one offset of each partition.
type offsetMap map[int32]kafka.Offset

// newOffsetClient returns a consumer that joins no group. It only requests the group's
// committed offsets. An AdminClient must not do that: its ListConsumerGroupOffsets and its
// AlterConsumerGroupOffsets end the whole process when the answer says that another broker
// coordinates the group, which happens while brokers start or change
// (confluentinc/librdkafka#5040).
func newOffsetClient(o Options) (*kafka.Consumer, error) {
	return kafka.NewConsumer(clientConfig(o, kafka.ConfigMap{
		"group.id":                 o.Group,
		"enable.auto.commit":       false,
		"enable.auto.offset.store": false,
	}))
}

// withOffsetClient calls f with two clients, and closes them behind it.
func withOffsetClient(o Options, f func(*kafka.AdminClient, *kafka.Consumer) error) error {
	admin, err := newAdmin(o)
	if err != nil {
		return err
	}
	defer admin.Close()
	client, err := newOffsetClient(o)
	if err != nil {
		return err
	}
	defer client.Close()
	return f(admin, client)
}

// committedOffsets returns the group's committed offsets: for each partition the offset of the
// next record to store. Partitions without a committed offset are missing.
func committedOffsets(
	ctx context.Context, client *kafka.Consumer, o Options, partitions []int32,
) (offsetMap, error) {
	answer, err := committedPartitions(ctx, client, o, partitions)
	if err != nil {
		return nil, err
	}
	committed := offsetMap{}
	for _, p := range answer {
		if p.Offset >= 0 {
			committed[p.Partition] = p.Offset
		}
	}
	return committed, nil
}

// committedPartitions returns the group's committed offsets with their metadata. An offset that is
// not committed is negative.
func committedPartitions(
	ctx context.Context, client *kafka.Consumer, o Options, partitions []int32,
) ([]kafka.TopicPartition, error) {
	// Events about the client's connections are read here, because nothing else reads them.
	for client.Poll(0) != nil {
	}

	request := make([]kafka.TopicPartition, len(partitions))
	for i, p := range partitions {
		request[i] = kafka.TopicPartition{Topic: &o.Topic, Partition: p}
	}
	timeout := deliveryTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = max(time.Millisecond, time.Until(deadline))
	}
	answer, err := client.Committed(request, int(timeout.Milliseconds()))
	if errorCode(err) == kafka.ErrGroupIDNotFound { // the embedded broker's answer before the first commit
		for i := range request {
			request[i].Offset = kafka.OffsetInvalid
		}
		return request, nil
	}
	if err != nil {
		return nil, err
	}

	for _, p := range answer {
		if p.Error != nil {
			return nil, p.Error
		}
	}
	return answer, nil
}

// commitOffsets commits offsets for the group from outside. The broker refuses that while the
// group has members.
func commitOffsets(ctx context.Context, o Options, offsets []kafka.TopicPartition) error {
	client, err := newOffsetClient(o)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(ctx, coordinatorTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { // the call has no deadline, and the client must not be closed before it returns
		defer client.Close()
		committed, err := client.CommitOffsets(offsets)
		for _, p := range committed {
			if err == nil && p.Error != nil {
				err = fmt.Errorf("partition %d: %w", p.Partition, p.Error)
			}
		}
		done <- err
	}()

	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// topicOffsets requests one offset of each of the topic's partitions.
func topicOffsets(
	ctx context.Context, admin *kafka.AdminClient, topic string, spec kafka.OffsetSpec,
) (offsetMap, error) {
	meta, err := topicMetadata(admin, topic, metadataTimeout)
	if err != nil {
		return nil, err
	}
	return listOffsets(ctx, admin, meta, spec)
}

// topicMetadata requests a topic's metadata. A topic that does not exist is an error.
func topicMetadata(
	admin *kafka.AdminClient, topic string, timeout time.Duration,
) (found kafka.TopicMetadata, err error) {
	meta, err := admin.GetMetadata(&topic, false, int(timeout.Milliseconds()))
	if err != nil {
		return found, err
	}
	if found = meta.Topics[topic]; len(found.Partitions) == 0 {
		return found, fmt.Errorf("there is no topic %s", topic)
	}
	return found, nil
}

// listOffsets requests one offset of each partition from its leader.
func listOffsets(
	ctx context.Context, admin *kafka.AdminClient, topic kafka.TopicMetadata, spec kafka.OffsetSpec,
) (offsetMap, error) {
	request := map[kafka.TopicPartition]kafka.OffsetSpec{}
	for _, p := range topic.Partitions {
		request[kafka.TopicPartition{Topic: &topic.Topic, Partition: p.ID}] = spec
	}
	result, err := admin.ListOffsets(ctx, request)
	if err != nil {
		return nil, err
	}

	offsets := offsetMap{}
	for p, r := range result.ResultInfos {
		if r.Error.Code() != kafka.ErrNoError {
			return nil, fmt.Errorf("partition %d: %w", p.Partition, r.Error)
		}
		offsets[p.Partition] = r.Offset
	}
	return offsets, nil
}
