package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"

	"parley/app/kafka"
	"parley/app/replica"
)

const deadLettersUsage = `parley dead-letters list [--all]       list the records that could not be stored, and wait
                                       for a decision; --all: the decided ones too
parley dead-letters show ID            print one
parley dead-letters replay ID…         put them back into the log, once their cause is gone; a
                                       sender may have sent the text again meanwhile
parley dead-letters discard ID…        mark them as not wanted; the topic keeps them for its retention
                                       (replay and discard with --all: all that wait)
parley dead-letters bury PARTITION OFFSET
                                       make a dead letter of the record at which a partition is
                                       paused, so that the writers go on behind it

--json prints JSON, --show-text the messages' text, which is hidden otherwise.
Exit codes: 1 it failed, 2 wrong arguments, 3 there is no such dead letter or record,
4 it was replayed or discarded already. With 2, 3 and 4 nothing was changed.`

// deadLettersTimeout bounds the command: the topic is read as a whole.
const deadLettersTimeout = 60 * time.Second

// maxDeadLetterIDs is the largest number of ids in one command. --all has no limit.
const maxDeadLetterIDs = 1000

var deadLettersCommand = command{
	name:    "dead-letters",
	summary: "list, show, replay or discard the records that could not be stored; bury one that can't be read",
	usage:   deadLettersUsage,
	minArgs: 1,
	maxArgs: 1 + maxDeadLetterIDs,
	writes: func(args []string) []dependency {
		if args[0] == "list" || args[0] == "show" {
			return nil
		}
		return []dependency{toKafka}
	},
	setup: func(flags *flag.FlagSet) action {
		var d deadLetters
		d.define(flags)
		return d.run
	},
}

// deadLetters is one run of the command. Replicas may run meanwhile.
type deadLetters struct {
	all      bool
	json     bool
	showText bool

	verb      string   // "list", "show", "replay", "discard" or "bury"
	ids       []string // of dead letters; none for list, bury, and with --all
	partition int32    // of bury
	offset    int64    // of bury
	log       kafka.Options
	out       io.Writer
}

func (d *deadLetters) define(flags *flag.FlagSet) {
	flags.BoolVar(&d.all, "all", false, "")
	flags.BoolVar(&d.json, "json", false, "")
	flags.BoolVar(&d.showText, "show-text", false, "")
}

func (d *deadLetters) readArgs(in invocation) error {
	d.verb = in.args[0]
	arguments := in.args[1:]
	fewest, most := 1, 1
	switch d.verb {
	case "list":
		fewest, most = 0, 0
	case "show":
	case "replay", "discard":
		if most = maxDeadLetterIDs; d.all {
			fewest, most = 0, 0
		}
	case "bury":
		fewest, most = 2, 2
	default:
		return in.misuse("dead-letters: %q is no action: write list, show, replay, discard or bury", d.verb)
	}
	if n := len(arguments); n < fewest || n > most {
		return in.misuse("dead-letters %s: %d arguments are given, %d are needed", d.verb, n, max(fewest, min(n, most)))
	}

	if d.verb != "bury" {
		d.ids = arguments
		return nil
	}
	partition, err1 := strconv.ParseInt(arguments[0], 10, 32)
	offset, err2 := strconv.ParseInt(arguments[1], 10, 64)
	if err1 != nil || err2 != nil || partition < 0 || offset < 0 {
		return in.misuse("dead-letters bury: write the partition and the offset as parley check names them, such as 1 4711")
	}
	d.partition, d.offset = int32(partition), offset
	return nil
}

func (d *deadLetters) run(ctx context.Context, in invocation) error {
	if err := d.readArgs(in); err != nil {
		return err
	}

	at, release, err := addresses(ctx, in.cfg, io.Discard)
	if err != nil {
		return err
	}
	defer release()

	d.log, d.out = replica.KafkaOptions(in.cfg, at), in.out
	return d.execute(ctx)
}

func (d *deadLetters) execute(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, deadLettersTimeout)
	defer cancel()

	if d.verb == "bury" {
		return d.withProducer(ctx, d.deadLetterHeld)
	}
	all, err := kafka.DeadLetters(ctx, d.log)
	if err != nil {
		return fmt.Errorf("the dead letters can't be read: %w", err)
	}
	if d.verb == "list" {
		return d.list(all)
	}

	letters, err := d.choose(all)
	switch {
	case err != nil:
		return err
	case d.verb == "show":
		return d.show(letters[0])
	}
	return d.withProducer(ctx, func(ctx context.Context, p *kafka.Producer) error { return d.resolve(ctx, p, letters) })
}

// choose returns the dead letters that the arguments name, or all that wait. One that cannot be
// resolved is an error, so that nothing is changed.
func (d *deadLetters) choose(all []kafka.DeadLetter) (chosen []kafka.DeadLetter, err error) {
	byID := map[string]kafka.DeadLetter{}
	for _, letter := range all {
		byID[letter.ID] = letter
		if d.all && letter.State == kafka.StateWaiting {
			chosen = append(chosen, letter)
		}
	}
	for _, id := range d.ids {
		letter, ok := byID[id]
		switch {
		case !ok:
			return nil, exit(exitUnknown, "there is no dead letter %q: see parley dead-letters list --all", id)
		case d.verb != "show" && letter.State != kafka.StateWaiting:
			return nil, exit(exitResolved, "%s was %s already", letter.ID, letter.State)
		}
		chosen = append(chosen, letter)
	}
	return chosen, nil
}

// withProducer calls act with a producer that is connected.
func (d *deadLetters) withProducer(ctx context.Context, act func(context.Context, *kafka.Producer) error) error {
	p, err := kafka.NewProducer(d.log, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer p.Close()

	probing, stop := context.WithCancel(ctx)
	var probe sync.WaitGroup
	probe.Go(func() { _ = p.Run(probing) })
	defer probe.Wait()
	defer stop()
	return act(ctx, p)
}

// resolve replays or discards dead letters, and prints each one that is done. With --all it
// leaves those that this release cannot replay.
func (d *deadLetters) resolve(ctx context.Context, p *kafka.Producer, letters []kafka.DeadLetter) error {
	done := []printedLetter{}
	for _, letter := range letters {
		act, state := p.Discard, kafka.StateDiscarded
		if d.verb == "replay" {
			act, state = p.Replay, kafka.StateReplayed
		}
		switch err := act(ctx, letter); {
		case errors.Is(err, kafka.ErrUnreadable) && d.all:
			fmt.Fprintf(os.Stderr, "%s waits on: %v\n", letter.ID, err)
			continue
		case errors.Is(err, kafka.ErrUnreadable):
			return err
		case err != nil:
			return fmt.Errorf("%s: not confirmed: %w; doing it again is safe", letter.ID, err)
		}

		letter.State = state
		done = append(done, d.printed(letter))
		if !d.json {
			fmt.Fprintf(d.out, "%s %s.\n", letter.ID, letter.State)
		}
	}

	switch {
	case d.json && len(d.ids) == 1:
		return d.encode(done[0])
	case d.json:
		return d.encode(done)
	case len(letters) == 0:
		fmt.Fprintln(d.out, "No dead letter waits.")
	}
	return nil
}

// deadLetterHeld makes a dead letter of a record that this release cannot read.
func (d *deadLetters) deadLetterHeld(ctx context.Context, p *kafka.Producer) error {
	err := p.DeadLetterHeld(ctx, d.partition, d.offset)
	switch {
	case errors.Is(err, kafka.ErrNoRecord):
		return exit(exitUnknown, "%w: parley check and /pipeline name partition and offset", err)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(d.out, "The record at offset %d of partition %d is a dead letter: the writers go on behind it.\n",
		d.offset, d.partition)
	return err
}
