package kafka

import (
	"context"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/loop"
)

const (
	// coordinatorTimeout is how long a request waits for a group's coordinator.
	coordinatorTimeout = 10 * time.Second

	// coordinatorRetryDelay is the wait before a group is described again whose coordinator moves.
	coordinatorRetryDelay = 100 * time.Millisecond
)

// coordinatorErrors are the brokers' answers while a group's coordinator starts or moves.
var coordinatorErrors = []kafka.ErrorCode{
	kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable, kafka.ErrCoordinatorLoadInProgress,
}

// describeGroup requests the state and the members of a group. While its coordinator moves, it
// retries until ctx ends, or for coordinatorTimeout.
func describeGroup(
	ctx context.Context, admin *kafka.AdminClient, group string,
) (found kafka.ConsumerGroupDescription, err error) {
	ctx, cancel := context.WithTimeout(ctx, coordinatorTimeout)
	defer cancel()
	for {
		result, err := admin.DescribeConsumerGroups(ctx, []string{group})
		if err != nil {
			return found, err
		}
		found = result.ConsumerGroupDescriptions[0]
		code := found.Error.Code()
		if code == kafka.ErrNoError {
			return found, nil
		}
		if !slices.Contains(coordinatorErrors, code) || !loop.Sleep(ctx, coordinatorRetryDelay) {
			return found, found.Error
		}
	}
}

// requireEmptyGroup returns ErrGroupActive if the group has members.
func requireEmptyGroup(ctx context.Context, admin *kafka.AdminClient, group string) error {
	found, err := describeGroup(ctx, admin, group)
	if err == nil && len(found.Members) > 0 {
		err = ErrGroupActive
	}
	return err
}
