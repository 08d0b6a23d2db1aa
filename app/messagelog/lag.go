package messagelog

import (
	"context"
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

// lag reads the group's place before the ends, so that what is stored meanwhile can't make it negative.
func lag(ctx context.Context, admin *kafka.AdminClient, asker *kafka.Consumer, o Options) (map[int32]int64, error) {
	meta, err := admin.GetMetadata(&o.Topic, false, int(probeTimeout.Milliseconds()))
	if err != nil {
		return nil, err
	}
	var partitions []int32
	for _, p := range meta.Topics[o.Topic].Partitions {
		partitions = append(partitions, p.ID)
	}
	next, err := groupPlace(ctx, asker, o, partitions)
	if err != nil {
		return nil, err
	}
	ends, err := offsets(ctx, admin, o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		return nil, err
	}
	var first map[int32]kafka.Offset
	if len(next) < len(ends) { // nothing committed there yet: the writer begins with the oldest
		if first, err = offsets(ctx, admin, o.Topic, kafka.EarliestOffsetSpec); err != nil {
			return nil, err
		}
	}
	lags := make(map[int32]int64, len(ends))
	for partition, end := range ends {
		from, ok := next[partition]
		if !ok {
			from = first[partition]
		}
		lags[partition] = max(0, int64(end-from))
	}
	return lags, nil
}
