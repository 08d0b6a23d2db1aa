package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/app/config"
	"parley/app/kafka"
	"parley/app/replica"
)

// rewind has the writer read the log again, from a time or the earliest record on: after the database was restored from a backup.
func rewind(ctx context.Context, cfg config.Config, args []string) error {
	if cfg.KafkaBrokers == "" {
		return errors.New("set KAFKA_BROKERS: an embedded log and its database live and die together")
	}
	if len(args) != 1 {
		return errors.New("say from when: parley rewind 2026-11-24T06:00:00Z, or parley rewind earliest")
	}
	var since time.Time
	if args[0] != "earliest" {
		at, err := time.Parse(time.RFC3339, args[0])
		if err != nil {
			return fmt.Errorf("%q is no time: write 2026-11-24T06:00:00Z, or earliest", args[0])
		}
		since = at
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	records, err := kafka.Rewind(ctx, replica.KafkaOptions(cfg, replica.Addresses{KafkaBrokers: cfg.KafkaBrokers}), since)
	if err != nil {
		return err
	}
	fmt.Printf("The writer will read %d records again, and store what is missing, when a replica starts.\n", records)
	return nil
}
