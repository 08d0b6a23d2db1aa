package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"parley/app/kafka"
	"parley/app/replica"
)

const deadLettersUsage = `parley dead-letters list [--all]     list the records that could not be stored, and wait
                                     for a decision; --all: the decided ones too
parley dead-letters show ID          print one
parley dead-letters replay ID        put it back into the log, once its cause is gone;
                                     its sender may have sent the text again meanwhile
parley dead-letters discard ID       mark it as not wanted; the topic keeps it

--json prints JSON, --show-text the messages' text, which is hidden otherwise.
Exit codes: 1 it failed, 2 wrong arguments, 3 there is no such dead letter, 4 it was replayed or discarded already.`

// deadLettersTimeout bounds the command: the topic is read as a whole.
const deadLettersTimeout = 60 * time.Second

var deadLettersCommand = command{
	name:    "dead-letters",
	summary: "list, show, replay or discard the records that could not be stored",
	usage:   deadLettersUsage,
	minArgs: 1,
	maxArgs: 2,
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

	verb string // "list", "show", "replay" or "discard"
	id   string // "" for list
	log  kafka.Options
	out  io.Writer
}

func (d *deadLetters) define(flags *flag.FlagSet) {
	flags.BoolVar(&d.all, "all", false, "")
	flags.BoolVar(&d.json, "json", false, "")
	flags.BoolVar(&d.showText, "show-text", false, "")
}

func (d *deadLetters) readArgs(in invocation) error {
	d.verb = in.args[0]
	want := 2
	switch d.verb {
	case "list":
		want = 1
	case "show", "replay", "discard":
	default:
		return in.misuse("dead-letters: %q is no action: write list, show, replay or discard", d.verb)
	}
	if len(in.args) != want {
		return in.misuse("dead-letters %s: %d arguments are given, %d are needed", d.verb, len(in.args), want)
	}
	if want == 2 {
		d.id = in.args[1]
	}

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

	all, err := kafka.DeadLetters(ctx, d.log)
	if err != nil {
		return fmt.Errorf("the dead letters can't be read: %w", err)
	}

	if d.verb == "list" {
		return d.list(all)
	}

	for _, letter := range all {
		switch {
		case letter.ID != d.id:
		case d.verb == "show":
			return d.show(letter)
		case letter.State != kafka.StateWaiting:
			return exit(exitResolved, "%s was %s already", letter.ID, letter.State)
		default:
			return d.resolve(ctx, letter)
		}
	}

	return exit(exitUnknown, "there is no dead letter %q: see parley dead-letters list --all", d.id)
}

// resolve replays or discards a dead letter.
func (d *deadLetters) resolve(ctx context.Context, letter kafka.DeadLetter) error {
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

	if d.verb == "replay" {
		err, letter.State = p.Replay(ctx, letter), kafka.StateReplayed
	} else {
		err, letter.State = p.Discard(ctx, letter), kafka.StateDiscarded
	}

	switch {
	case err != nil:
		return fmt.Errorf("not confirmed: %w; doing it again is safe", err)
	case d.json:
		return d.encode(d.printed(letter))
	}

	_, err = fmt.Fprintf(d.out, "%s %s.\n", letter.ID, letter.State)
	return err
}
