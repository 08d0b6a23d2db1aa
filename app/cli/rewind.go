package cli

import (
	"context"
	"errors"
	"flag"
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
stored twice. It refuses while a writer runs, and a time after which messages that are not
stored yet would be skipped. --skip-unstored skips them: nobody will ever see them.
Exit codes: 1 it failed, 2 wrong arguments, 5 it would skip messages.`,
	minArgs: 1,
	maxArgs: 1,
	writes:  writesTo(toKafka),
	setup: func(flags *flag.FlagSet) action {
		skip := flags.Bool("skip-unstored", false, "")
		return func(ctx context.Context, in invocation) error { return rewind(ctx, in, *skip) }
	},
}

func rewind(ctx context.Context, in invocation, skipUnstored bool) error {
	to := kafka.RewindTo{SkipUnstored: skipUnstored}
	if in.args[0] != "earliest" {
		at, err := time.Parse(time.RFC3339, in.args[0])
		if err != nil {
			return in.misuse("%q is no time: write 2026-11-24T06:00:00Z, or earliest", in.args[0])
		}
		to.Since = at
	}
	if in.cfg.KafkaBrokers == "" {
		return errors.New("set KAFKA_BROKERS: an embedded log and its database live and die together")
	}

	ctx, cancel := context.WithTimeout(ctx, rewindTimeout)
	defer cancel()

	log := replica.KafkaOptions(in.cfg, replica.Addresses{KafkaBrokers: in.cfg.KafkaBrokers})
	done, err := kafka.Rewind(ctx, log, to)
	if err != nil {
		return explainRewind(err)
	}

	fmt.Fprintf(in.out, "The writer will read %d records again, and store what is missing, when a replica starts.\n",
		done.Records)
	if done.Skipped > 0 {
		fmt.Fprintf(in.out, "%d messages that were not stored are skipped: nobody will ever see them.\n", done.Skipped)
	}
	if done.Deleted && !to.Since.IsZero() {
		fmt.Fprintf(in.out, "Kafka has deleted older records (KAFKA_RETENTION_DAYS): if that time is before the log’s "+
			"first record, messages between them are only in a newer backup.\n")
	}
	return nil
}

// explainRewind adds what to do about a rewind that would lose messages.
func explainRewind(err error) error {
	var skip *kafka.SkipError
	if errors.Is(err, kafka.ErrFuture) || errors.As(err, &skip) {
		return exit(exitSkips, "%w: write an earlier time, or, if they are to be lost, --skip-unstored", err)
	}
	return err
}
