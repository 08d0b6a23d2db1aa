package kafka

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/loop"
)

// WatchLag reports the group's lag, the number of records of each partition that wait to be
// stored, once per interval until ctx ends. It reports nil when the brokers do not answer. The
// lag is the whole group's, whichever replica's consumer has a partition, so every replica
// sees it grow when there is no consumer at all.
func WatchLag(ctx context.Context, o Options, interval time.Duration, report func(map[int32]int64)) error {
	admin, err := newAdmin(o)
	if err != nil {
		return err
	}
	defer admin.Close()
	offsets, err := newOffsetClient(o)
	if err != nil {
		return err
	}
	defer offsets.Close()

	measure := func(ctx context.Context) {
		timed, cancel := context.WithTimeout(ctx, interval)
		defer cancel()
		lags, err := groupLag(timed, admin, offsets, o)
		if err != nil {
			lags = nil
		}
		if ctx.Err() == nil {
			report(lags)
		}
	}
	measure(ctx)
	loop.Every(ctx, interval, measure)
	return nil
}

func groupLag(
	ctx context.Context, admin *kafka.AdminClient, offsets *kafka.Consumer, o Options,
) (map[int32]int64, error) {
	ranges, err := offsetRanges(ctx, admin, offsets, o)
	lags := make(map[int32]int64, len(ranges))
	for partition, r := range ranges {
		lags[partition] = max(0, r.end-r.next)
	}
	return lags, err
}

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
