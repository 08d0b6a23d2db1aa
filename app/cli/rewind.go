package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/app/kafka"
	"parley/app/replica"
)

const rewindTimeout = 30 * time.Second

var rewindCommand = command{
	name:    "rewind",
	operand: "T",
	summary: "after a restore: the writer reads the log again from this time on (or: earliest)",
	usage: `parley rewind 2026-11-24T06:00:00Z     the writer reads the log again from this time on
parley rewind earliest                 … from its first record on

It is for a database that was restored from a backup. Messages that are stored already are not
stored twice. It refuses while a writer runs.`,
	minArgs: 1,
	maxArgs: 1,
	writes:  writesTo(toKafka),
	setup:   plain(rewind),
}

func rewind(ctx context.Context, in invocation) error {
	var since time.Time // zero: from the earliest record
	if in.args[0] != "earliest" {
		at, err := time.Parse(time.RFC3339, in.args[0])
		if err != nil {
			return in.misuse("%q is no time: write 2026-11-24T06:00:00Z, or earliest", in.args[0])
		}
		since = at
	}
	if in.cfg.KafkaBrokers == "" {
		return errors.New("set KAFKA_BROKERS: an embedded log and its database live and die together")
	}

	ctx, cancel := context.WithTimeout(ctx, rewindTimeout)
	defer cancel()

	log := replica.KafkaOptions(in.cfg, replica.Addresses{KafkaBrokers: in.cfg.KafkaBrokers})
	records, err := kafka.Rewind(ctx, log, since)
	if err != nil {
		return err
	}

	fmt.Fprintf(in.out, "The writer will read %d records again, and store what is missing, when a replica starts.\n",
		records)
	return nil
}
