package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// ErrGroupActive means that the consumer group has members, so that its offsets cannot be
// changed.
var ErrGroupActive = errors.New("replicas are running: stop all of them first")

// Rewind moves the group back to the first records that were appended at or after since, or to
// the earliest if since is zero. Records that are stored already are recognised as duplicates
// when they are read again. It returns the number of records to read. While the group has
// members, it returns ErrGroupActive.
func Rewind(ctx context.Context, o Options, since time.Time) (records int64, err error) {
	admin, err := newAdmin(o)
	if err != nil {
		return 0, err
	}
	defer admin.Close()
	if err := requireEmptyGroup(ctx, admin, o.Group); err != nil {
		return 0, err
	}

	spec := kafka.EarliestOffsetSpec
	if !since.IsZero() {
		spec = kafka.NewOffsetSpecForTimestamp(since.UnixMilli())
	}
	starts, err := topicOffsets(ctx, admin, o.Topic, spec)
	if err != nil {
		return 0, err
	}
	ends, err := topicOffsets(ctx, admin, o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		return 0, err
	}

	group := kafka.ConsumerGroupTopicPartitions{Group: o.Group}
	for partition, end := range ends {
		start := starts[partition]
		if start < 0 { // no record is as new as since
			start = end
		}
		records += int64(end - start)
		group.Partitions = append(group.Partitions,
			kafka.TopicPartition{Topic: &o.Topic, Partition: partition, Offset: start})
	}

	result, err := admin.AlterConsumerGroupOffsets(ctx, []kafka.ConsumerGroupTopicPartitions{group})
	if err != nil {
		return 0, err
	}
	for _, g := range result.ConsumerGroupsTopicPartitions {
		for _, p := range g.Partitions {
			if p.Error != nil {
				return 0, fmt.Errorf("partition %d: %w", p.Partition, p.Error)
			}
		}
	}
	return records, nil
}

// requireEmptyGroup returns ErrGroupActive if the group has members.
func requireEmptyGroup(ctx context.Context, admin *kafka.AdminClient, group string) error {
	result, err := admin.DescribeConsumerGroups(ctx, []string{group})
	if err != nil {
		return err
	}
	for _, g := range result.ConsumerGroupDescriptions {
		if len(g.Members) > 0 {
			return ErrGroupActive
		}
	}
	return nil
}
