package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// ErrGroupActive means that the consumer group has members, so that its offsets cannot be
// changed.
var ErrGroupActive = errors.New("replicas are running: stop all of them first")

// RewindTo is where the group shall read on.
type RewindTo struct {
	Since        time.Time // the first records that were appended at or after it; zero: the earliest
	SkipUnstored bool      // records that are not stored yet may be skipped
}

// Rewound is the result of a rewind.
type Rewound struct {
	Records int64 // that will be read
	Skipped int64 // that were not stored and will never be read
	Deleted bool  // records of the time since RewindTo.Since have been deleted from the log
}

// SkipError means that a rewind would move the group forward, past records that are not stored.
type SkipError struct{ Records int64 }

func (e *SkipError) Error() string {
	return fmt.Sprintf("%d messages that people sent and that are not stored yet would never be stored", e.Records)
}

// ErrFuture means that the time to rewind to is in the future.
var ErrFuture = errors.New("that time is in the future")

// Rewind moves the group back. Records that are stored already are recognised as duplicates when
// they are read again. It never moves the group forward, past records that are not stored, unless
// that is allowed: it returns ErrFuture or a SkipError. While the group has members, it returns
// ErrGroupActive.
func Rewind(ctx context.Context, o Options, to RewindTo) (done Rewound, err error) {
	if to.Since.After(time.Now()) && !to.SkipUnstored {
		return done, ErrFuture
	}
	err = withOffsetClient(o, func(admin *kafka.AdminClient, offsets *kafka.Consumer) error {
		done, err = rewind(ctx, admin, offsets, o, to)
		return err
	})
	return done, err
}

func rewind(
	ctx context.Context, admin *kafka.AdminClient, offsets *kafka.Consumer, o Options, to RewindTo,
) (done Rewound, err error) {
	if err := requireEmptyGroup(ctx, admin, o.Group); err != nil {
		return done, err
	}
	ranges, err := offsetRanges(ctx, admin, offsets, o)
	if err != nil {
		return done, err
	}
	starts, err := startsOf(ctx, admin, o, to, ranges)
	if err != nil {
		return done, err
	}

	// The new offsets keep the metadata, which names the installation.
	owner, err := committedMetadata(ctx, offsets, o, slices.Collect(maps.Keys(ranges)))
	if err != nil {
		return done, err
	}
	var offsetsToCommit []kafka.TopicPartition
	for partition, r := range ranges {
		start := starts[partition]
		done.Records += r.end - start
		done.Skipped += max(0, start-max(r.next, r.first))
		done.Deleted = done.Deleted || start == r.first && r.first > 0
		offsetsToCommit = append(offsetsToCommit,
			kafka.TopicPartition{Topic: &o.Topic, Partition: partition, Offset: kafka.Offset(start), Metadata: owner})
	}
	if done.Skipped > 0 && !to.SkipUnstored {
		return done, &SkipError{done.Skipped}
	}
	return done, commitOffsets(ctx, o, offsetsToCommit)
}

// startsOf returns the offset in each partition from which on the group shall read.
func startsOf(
	ctx context.Context, admin *kafka.AdminClient, o Options, to RewindTo, ranges map[int32]offsetRange,
) (map[int32]int64, error) {
	spec := kafka.EarliestOffsetSpec
	if !to.Since.IsZero() {
		spec = kafka.NewOffsetSpecForTimestamp(to.Since.UnixMilli())
	}
	found, err := topicOffsets(ctx, admin, o.Topic, spec)
	if err != nil {
		return nil, err
	}

	starts := map[int32]int64{}
	for partition, r := range ranges {
		starts[partition] = int64(found[partition])
		if found[partition] < 0 { // no record is as new as the time
			starts[partition] = r.end
		}
	}
	return starts, nil
}

// committedMetadata returns the metadata of the committed offsets, which the new ones keep, or nil.
func committedMetadata(
	ctx context.Context, client *kafka.Consumer, o Options, partitions []int32,
) (metadata *string, err error) {
	committed, err := committedPartitions(ctx, client, o, partitions)
	for _, p := range committed {
		if p.Metadata != nil {
			metadata = p.Metadata
		}
	}
	return metadata, err
}
