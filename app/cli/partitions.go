package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"parley/app/kafka"
	"parley/app/redis"
	"parley/app/replica"
)

const (
	partitionsTimeout = time.Minute
	maxPartitions     = 10_000
)

var partitionsCommand = command{
	name:    "partitions",
	operand: "N",
	summary: "give the log more partitions, while all replicas are stopped",
	usage: `parley partitions N     give the log N partitions, for example 12

Stop all replicas first, once everything in the log is stored; otherwise the command refuses.
Afterwards, set KAFKA_PARTITIONS=N.`,
	minArgs: 1,
	maxArgs: 1,
	writes:  writesTo(toKafka, toRedis),
	setup:   plain(partitions),
}

// partitions adds partitions to the log. The tails' entries for old offsets are
// deleted before the log grows, so that a log with new partitions never meets
// them; deleting them twice does no harm.
func partitions(ctx context.Context, in invocation) error {
	n, err := strconv.Atoi(in.args[0])
	if err != nil || n < 1 || n > maxPartitions {
		return in.misuse("%q won’t do: write a whole number from 1 to %d", in.args[0], maxPartitions)
	}
	if in.cfg.KafkaBrokers == "" || in.cfg.RedisURL == "" {
		return errors.New("set KAFKA_BROKERS and REDIS_URL: " +
			"the embedded ones are for one machine, which needs no more partitions")
	}

	ctx, cancel := context.WithTimeout(ctx, partitionsTimeout)
	defer cancel()

	log := replica.KafkaOptions(in.cfg, replica.Addresses{KafkaBrokers: in.cfg.KafkaBrokers})
	before, err := kafka.Grow(ctx, log, n, func() error {
		client, err := redis.NewClient(in.cfg.RedisURL)
		if err != nil {
			return err
		}
		defer client.Close()
		return redis.ClearStoredMarks(ctx, client)
	})
	if err != nil {
		return err
	}

	fmt.Fprintf(in.out, "The log had %d partitions and has %d. Set KAFKA_PARTITIONS=%[2]d, and start the replicas.\n",
		before, n)
	return nil
}
