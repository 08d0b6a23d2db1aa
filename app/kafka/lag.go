package kafka

import (
	"context"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// offsetRange has a partition's offsets: of the oldest record, of the record that the group
// stores next, and of the record that is appended next.
type offsetRange struct{ first, next, end int64 }

// offsetRanges requests the committed offsets before the ends, so that records that are stored
// meanwhile cannot make a lag negative. Without a committed offset the group starts with the
// oldest record.
func offsetRanges(
	ctx context.Context, admin *kafka.AdminClient, offsets *kafka.Consumer, o Options,
) (map[int32]offsetRange, error) {
	topic, err := topicMetadata(admin, o.Topic, probeTimeout)
	if err != nil {
		return nil, err
	}
	var partitions []int32
	for _, p := range topic.Partitions {
		partitions = append(partitions, p.ID)
	}

	committed, err := committedOffsets(ctx, offsets, o, partitions)
	if err != nil {
		return nil, err
	}
	first, err := listOffsets(ctx, admin, topic, kafka.EarliestOffsetSpec)
	if err != nil {
		return nil, err
	}
	end, err := listOffsets(ctx, admin, topic, kafka.LatestOffsetSpec)
	if err != nil {
		return nil, err
	}

	ranges := make(map[int32]offsetRange, len(end))
	for partition := range end {
		next, ok := committed[partition]
		if !ok {
			next = first[partition]
		}
		ranges[partition] = offsetRange{int64(first[partition]), int64(next), int64(end[partition])}
	}
	return ranges, nil
}
