package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// ErrGroupAtWork means that writers are members of the group: its place is theirs.
var ErrGroupAtWork = errors.New("replicas are running: stop all of them first")

// Rewind moves the group back to the first records that were appended at or after since (zero time: to the earliest), so that the writer reads them
// again; those it knows are dropped as known. It answers how many records there are to read. The group must be at rest, or ErrGroupAtWork.
func Rewind(ctx context.Context, o Options, since time.Time) (records int64, err error) {
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		return 0, err
	}
	defer admin.Close()
	if err := atRest(ctx, admin, o.Group); err != nil {
		return 0, err
	}
	from := kafka.EarliestOffsetSpec
	if !since.IsZero() {
		from = kafka.NewOffsetSpecForTimestamp(since.UnixMilli())
	}
	begin, err := offsets(ctx, admin, o.Topic, from)
	if err != nil {
		return 0, err
	}
	end, err := offsets(ctx, admin, o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		return 0, err
	}
	group := kafka.ConsumerGroupTopicPartitions{Group: o.Group}
	for partition, last := range end {
		first := begin[partition]
		if first < 0 { // nothing as young as that
			first = last
		}
		records += int64(last - first)
		group.Partitions = append(group.Partitions, kafka.TopicPartition{Topic: &o.Topic, Partition: partition, Offset: first})
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

func atRest(ctx context.Context, admin *kafka.AdminClient, group string) error {
	result, err := admin.DescribeConsumerGroups(ctx, []string{group})
	if err != nil {
		return err
	}
	for _, g := range result.ConsumerGroupDescriptions {
		if len(g.Members) > 0 {
			return ErrGroupAtWork
		}
	}
	return nil
}

// offsets asks for one offset of each of the topic's partitions.
func offsets(ctx context.Context, admin *kafka.AdminClient, topic string, spec kafka.OffsetSpec) (map[int32]kafka.Offset, error) {
	meta, err := admin.GetMetadata(&topic, false, 5000)
	if err != nil {
		return nil, err
	}
	if len(meta.Topics[topic].Partitions) == 0 {
		return nil, fmt.Errorf("there is no topic %s", topic)
	}
	return offsetsOf(ctx, admin, meta.Topics[topic], spec)
}

// offsetsOf asks the leaders of a topic that is known.
func offsetsOf(ctx context.Context, admin *kafka.AdminClient, topic kafka.TopicMetadata, spec kafka.OffsetSpec) (map[int32]kafka.Offset, error) {
	asked := map[kafka.TopicPartition]kafka.OffsetSpec{}
	for _, p := range topic.Partitions {
		asked[kafka.TopicPartition{Topic: &topic.Topic, Partition: p.ID}] = spec
	}
	result, err := admin.ListOffsets(ctx, asked)
	if err != nil {
		return nil, err
	}
	found := map[int32]kafka.Offset{}
	for p, r := range result.ResultInfos {
		if r.Error.Code() != kafka.ErrNoError {
			return nil, fmt.Errorf("partition %d: %w", p.Partition, r.Error)
		}
		found[p.Partition] = r.Offset
	}
	return found, nil
}
