package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"parley/app/config"
	"parley/app/kafka"
	"parley/app/redis"
	"parley/app/replica"
)

// partitions gives the log more of them, while no replica runs and everything is stored. What tails remember of old offsets is forgotten first: twice does
// no harm, and a log that has grown never meets it.
func partitions(ctx context.Context, cfg config.Config, args []string) error {
	if cfg.KafkaBrokers == "" || cfg.RedisURL == "" {
		return errors.New("set KAFKA_BROKERS and REDIS_URL: the embedded ones are for one machine, which needs no more partitions")
	}
	if len(args) != 1 {
		return errors.New("say how many: parley partitions 12")
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 || n > 10_000 {
		return fmt.Errorf("%q won’t do: write a whole number from 1 to 10000", args[0])
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	log := replica.KafkaOptions(cfg, replica.Addresses{KafkaBrokers: cfg.KafkaBrokers})
	before, err := kafka.Grow(ctx, log, n, func() error {
		client, err := redis.NewClient(cfg.RedisURL)
		if err != nil {
			return err
		}
		defer client.Close()
		return redis.ForgetStored(ctx, client)
	})
	if err != nil {
		return err
	}
	fmt.Printf("The log had %d partitions and has %d. Set KAFKA_PARTITIONS=%[2]d, and start the replicas.\n", before, n)
	return nil
}
