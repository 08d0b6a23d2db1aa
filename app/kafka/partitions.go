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

// Refusals of Grow, to be told as they are.
var (
	ErrUnread  = errors.New("not everything in the log is stored yet: let the writers run until nothing is left (lag 0), then stop them")
	ErrSending = errors.New("messages are still being sent: stop all replicas first")
)

// settling is for how long the log must stand still before it grows.
const settling = 3 * time.Second

// Grow gives the topic more partitions. Most conversations then have another one: a message in the old and a later one in the new would be read by two
// writers, in any order. So there must be nothing left to read, and nobody who writes: ErrUnread, ErrSending, ErrGroupAtWork. It answers how many there were;
// asked for as many as there are, it only prepares, which it does once nothing stands against it and before anything has changed.
func Grow(ctx context.Context, o Options, partitions int, prepare func() error) (before int, err error) {
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		return 0, err
	}
	defer admin.Close()
	first, err := offsets(ctx, admin, o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		return 0, err
	}
	before = len(first)
	if partitions < before {
		return before, fmt.Errorf("the topic has %d partitions, and Kafka can't take any away: write a larger number", before)
	}
	if err := atRest(ctx, admin, o.Group); err != nil {
		return before, err
	}
	if err := allRead(ctx, o, first); err != nil {
		return before, err
	}
	select {
	case <-time.After(settling):
	case <-ctx.Done():
		return before, ctx.Err()
	}
	end, err := offsets(ctx, admin, o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		return before, err
	}
	for partition, last := range end {
		if last != first[partition] {
			return before, ErrSending
		}
	}
	if err := prepare(); err != nil || partitions == before {
		return before, err
	}
	results, err := admin.CreatePartitions(ctx, []kafka.PartitionsSpecification{{Topic: o.Topic, IncreaseTo: partitions}})
	if err != nil {
		return before, err
	}
	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError {
			return before, fmt.Errorf("topic %s: %w", r.Topic, r.Error)
		}
	}
	return before, awaitPartitions(ctx, admin, o.Topic, partitions)
}

// awaitPartitions waits until each of them has a leader, who answers.
func awaitPartitions(ctx context.Context, admin *kafka.AdminClient, topic string, partitions int) error {
	for {
		found, err := offsets(ctx, admin, topic, kafka.LatestOffsetSpec)
		if err == nil && len(found) == partitions {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the topic has grown, and its new partitions don't answer yet: %w", errors.Join(err, ctx.Err()))
		}
	}
}

// allRead compares what the group has committed with the ends.
func allRead(ctx context.Context, o Options, end map[int32]kafka.Offset) error {
	asker, err := newAsker(o)
	if err != nil {
		return err
	}
	defer asker.Close()
	place, err := committedOffsets(ctx, asker, o, slices.Collect(maps.Keys(end)))
	if err != nil {
		return err
	}
	for partition, last := range end {
		if place[partition] < last {
			return ErrUnread
		}
	}
	return nil
}
