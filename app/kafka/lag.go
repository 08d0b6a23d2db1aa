package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// WatchLag asks every few seconds how many records of each partition wait to be stored, until ctx ends. found gets nil when the brokers don't
// answer. It is the whole group's lag, whichever replica's writer has the partition: so it grows where anyone looks when there is no writer at all.
func WatchLag(ctx context.Context, o Options, every time.Duration, found func(map[int32]int64)) error {
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		return err
	}
	defer admin.Close()
	asker, err := newAsker(o)
	if err != nil {
		return err
	}
	defer asker.Close()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		ask, cancel := context.WithTimeout(ctx, every)
		lags, err := lag(ask, admin, asker, o)
		cancel()
		if err != nil {
			lags = nil
		}
		if ctx.Err() == nil {
			found(lags)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func lag(ctx context.Context, admin *kafka.AdminClient, asker *kafka.Consumer, o Options) (map[int32]int64, error) {
	spans, err := spansOf(ctx, admin, asker, o)
	lags := make(map[int32]int64, len(spans))
	for partition, s := range spans {
		lags[partition] = max(0, s.end-s.next)
	}
	return lags, err
}

// span is what a partition has: the offsets of the oldest record, of the one that the group stores next, and of the next that is appended.
type span struct{ first, next, end int64 }

// spansOf reads the group's places before the ends, so that what is stored meanwhile can't make a lag negative. Where the group has no place yet, it will begin
// with the oldest.
func spansOf(ctx context.Context, admin *kafka.AdminClient, asker *kafka.Consumer, o Options) (map[int32]span, error) {
	meta, err := admin.GetMetadata(&o.Topic, false, int(probeTimeout.Milliseconds()))
	if err != nil {
		return nil, err
	}
	topic := meta.Topics[o.Topic]
	if len(topic.Partitions) == 0 {
		return nil, fmt.Errorf("there is no topic %s", o.Topic)
	}
	var partitions []int32
	for _, p := range topic.Partitions {
		partitions = append(partitions, p.ID)
	}
	place, err := committedOffsets(ctx, asker, o, partitions)
	if err != nil {
		return nil, err
	}
	first, err := offsetsOf(ctx, admin, topic, kafka.EarliestOffsetSpec)
	if err != nil {
		return nil, err
	}
	end, err := offsetsOf(ctx, admin, topic, kafka.LatestOffsetSpec)
	if err != nil {
		return nil, err
	}
	spans := make(map[int32]span, len(end))
	for partition := range end {
		next, ok := place[partition]
		if !ok {
			next = first[partition]
		}
		spans[partition] = span{int64(first[partition]), int64(next), int64(end[partition])}
	}
	return spans, nil
}
