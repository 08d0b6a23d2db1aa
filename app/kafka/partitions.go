package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/loop"
)

var (
	// ErrUnread means that the group has not stored all records.
	ErrUnread = errors.New("not everything in the log is stored yet: " +
		"let the writers run until nothing is left (lag 0), then stop them")
	// ErrSending means that records are still being appended.
	ErrSending = errors.New("messages are still being sent: stop all replicas first")
)

const (
	// quietPeriod is how long the log must receive no record before it grows.
	quietPeriod = 3 * time.Second

	partitionCheckInterval = 100 * time.Millisecond
)

// Grow increases the topic's number of partitions. Most conversations then have another
// partition: two consumers would read an old message and a later one in any order. So all
// records must be stored and nobody may send, or Grow returns ErrUnread, ErrSending or
// ErrGroupActive. It calls prepare after these checks and before any change. It returns the
// previous number of partitions. If that is the number wanted, it only calls prepare.
func Grow(ctx context.Context, o Options, partitions int, prepare func() error) (before int, err error) {
	admin, err := newAdmin(o)
	if err != nil {
		return 0, err
	}
	defer admin.Close()
	ends, err := topicOffsets(ctx, admin, o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		return 0, err
	}
	before = len(ends)
	if partitions < before {
		return before, fmt.Errorf(
			"the topic has %d partitions, and Kafka can't take any away: write a larger number", before)
	}

	if err := requireEmptyGroup(ctx, admin, o.Group); err != nil {
		return before, err
	}
	if err := requireAllStored(ctx, o, ends); err != nil {
		return before, err
	}
	if err := requireQuiet(ctx, admin, o.Topic, ends); err != nil {
		return before, err
	}

	if err := prepare(); err != nil || partitions == before {
		return before, err
	}
	return before, createPartitions(ctx, admin, o.Topic, partitions)
}

// requireAllStored returns ErrUnread if the group has not committed all records before ends.
func requireAllStored(ctx context.Context, o Options, ends offsetMap) error {
	client, err := newOffsetClient(o)
	if err != nil {
		return err
	}
	defer client.Close()
	committed, err := committedOffsets(ctx, client, o, slices.Collect(maps.Keys(ends)))
	if err != nil {
		return err
	}
	for partition, end := range ends {
		if committed[partition] < end {
			return ErrUnread
		}
	}
	return nil
}

// requireQuiet returns ErrSending if the topic's ends change within quietPeriod.
func requireQuiet(ctx context.Context, admin *kafka.AdminClient, topic string, ends offsetMap) error {
	if !loop.Sleep(ctx, quietPeriod) {
		return ctx.Err()
	}
	now, err := topicOffsets(ctx, admin, topic, kafka.LatestOffsetSpec)
	if err != nil {
		return err
	}
	for partition, end := range now {
		if end != ends[partition] {
			return ErrSending
		}
	}
	return nil
}

// createPartitions increases the number of partitions, and waits until each has a leader that
// answers.
func createPartitions(ctx context.Context, admin *kafka.AdminClient, topic string, partitions int) error {
	results, err := admin.CreatePartitions(ctx, []kafka.PartitionsSpecification{{Topic: topic, IncreaseTo: partitions}})
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError {
			return fmt.Errorf("topic %s: %w", r.Topic, r.Error)
		}
	}

	for {
		found, err := topicOffsets(ctx, admin, topic, kafka.LatestOffsetSpec)
		if err == nil && len(found) == partitions {
			return nil
		}
		if !loop.Sleep(ctx, partitionCheckInterval) {
			return fmt.Errorf("the topic has grown, and its new partitions don't answer yet: %w",
				errors.Join(err, ctx.Err()))
		}
	}
}
