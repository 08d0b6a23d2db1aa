package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"parley/app/config"
	"parley/app/kafka"
	"parley/app/replica"
)

const deadLettersUsage = `parley dead-letters list [--all]     what could not be stored and waits for a decision; --all: what was decided too
parley dead-letters show ID          one of them
parley dead-letters replay ID        put it back into the log, once its cause is gone; its sender may have sent the words again meanwhile
parley dead-letters discard ID       say that nobody wants it; the topic keeps it

--json prints JSON, --show-text the messages' text, which is hidden otherwise.
Exit codes: 1 it failed, 2 it was asked wrongly, 3 there is no such dead letter, 4 that one is settled already.
`

// Exit codes of the commands; 1 is any failure.
const (
	exitUsage   = 2
	exitUnknown = 3
	exitSettled = 4
)

// exitError is an error with an exit code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func exit(code int, format string, args ...any) error {
	return &exitError{code, fmt.Errorf(format, args...)}
}

// deadLetters is the command, on the log of KAFKA_BROKERS or the embedded one; replicas may run meanwhile.
func deadLetters(ctx context.Context, cfg config.Config, args []string, out io.Writer) error {
	a, err := parseDeadLetters(args)
	if err != nil {
		return err
	}
	at, lease, err := addresses(ctx, cfg, io.Discard)
	if err != nil {
		return err
	}
	if lease != nil {
		defer lease.Close()
	}
	a.log = replica.KafkaOptions(cfg, at)
	a.out = out
	return a.run(ctx)
}

// deadLettersArgs is what was asked.
type deadLettersArgs struct {
	what, id            string
	all, json, showText bool
	log                 kafka.Options
	out                 io.Writer
}

// parseDeadLetters takes flags before and after the id.
func parseDeadLetters(args []string) (a deadLettersArgs, err error) {
	flags := flag.NewFlagSet("dead-letters", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&a.all, "all", false, "")
	flags.BoolVar(&a.json, "json", false, "")
	flags.BoolVar(&a.showText, "show-text", false, "")
	var words []string
	for rest := args; ; rest = flags.Args()[1:] {
		if err := flags.Parse(rest); err != nil {
			return a, exit(exitUsage, "%w\n\n%s", err, deadLettersUsage)
		}
		if flags.NArg() == 0 {
			break
		}
		words = append(words, flags.Arg(0))
	}
	switch {
	case len(words) == 1 && words[0] == "list":
		a.what = "list"
	case len(words) == 2 && (words[0] == "show" || words[0] == "replay" || words[0] == "discard"):
		a.what, a.id = words[0], words[1]
	default:
		return a, exit(exitUsage, "say what to do with dead letters\n\n%s", deadLettersUsage)
	}
	return a, nil
}

// deadLettersTimeout bounds the reading of the topic.
const deadLettersTimeout = 60 * time.Second

func (a deadLettersArgs) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, deadLettersTimeout)
	defer cancel()
	all, err := kafka.DeadLetters(ctx, a.log)
	if err != nil {
		return fmt.Errorf("the dead letters can't be read: %w", err)
	}
	if a.what == "list" {
		return a.list(all)
	}
	for _, d := range all {
		switch {
		case d.ID != a.id:
		case a.what == "show":
			return a.show(d)
		case d.State != kafka.LetterWaits:
			return exit(exitSettled, "%s was %s already", d.ID, d.State)
		default:
			return a.settle(ctx, d)
		}
	}
	return exit(exitUnknown, "there is no dead letter %q: see parley dead-letters list --all", a.id)
}

// shownLetter is a dead letter as it is printed. Text is null unless it was asked for.
type shownLetter struct {
	ID             string  `json:"id"`
	State          string  `json:"state"`
	BuriedAt       string  `json:"buried_at"`
	Origin         string  `json:"origin"`
	Reason         string  `json:"reason"`
	Key            string  `json:"key"`
	Bytes          int     `json:"bytes"`
	MessageID      string  `json:"message_id,omitempty"` // this and what follows: of one that can be read
	ConversationID string  `json:"conversation_id,omitempty"`
	SenderID       string  `json:"sender_id,omitempty"`
	SentAt         string  `json:"sent_at,omitempty"`
	Text           *string `json:"text"`
}

func (a deadLettersArgs) shown(d kafka.DeadLetter) shownLetter {
	s := shownLetter{ID: d.ID, State: d.State, BuriedAt: d.BuriedAt, Origin: d.Origin, Reason: d.Reason, Key: string(d.Key), Bytes: len(d.Value)}
	text := string(d.Value)
	if m, ok := d.Message(); ok {
		s.MessageID, s.ConversationID, s.SenderID, s.SentAt = m.ID.String(), m.ConversationID.String(), m.Sender.ID.String(), m.SentAt.String()
		text = m.Body
	}
	if a.showText {
		s.Text = &text
	}
	return s
}

func (a deadLettersArgs) list(all []kafka.DeadLetter) error {
	list := []shownLetter{}
	for _, d := range all {
		if a.all || d.State == kafka.LetterWaits {
			list = append(list, a.shown(d))
		}
	}
	if a.json {
		return a.encode(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(a.out, "No dead letters.")
		return err
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "ID\tSTATE\tBURIED AT\tORIGIN\tSENDER\tREASON")
	if a.showText {
		fmt.Fprint(table, "\tTEXT")
	}
	fmt.Fprintln(table)
	for _, s := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%.100q", s.ID, s.State, s.BuriedAt, s.Origin, cmp.Or(s.SenderID, "unknown"), s.Reason)
		if a.showText {
			fmt.Fprintf(table, "\t%.200q", *s.Text)
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

func (a deadLettersArgs) show(d kafka.DeadLetter) error {
	s := a.shown(d)
	if a.json {
		return a.encode(s)
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"id", s.ID}, {"state", s.State}, {"buried at", s.BuriedAt}, {"origin", s.Origin}, {"reason", s.Reason}, {"key", s.Key}, {"bytes", fmt.Sprint(s.Bytes)},
		{"message", s.MessageID}, {"conversation", s.ConversationID}, {"sender", s.SenderID}, {"sent at", s.SentAt},
	} {
		if row[1] != "" {
			fmt.Fprintf(table, "%s\t%q\n", row[0], row[1])
		}
	}
	if s.Text == nil {
		fmt.Fprint(table, "text\thidden: --show-text shows it\n")
	} else {
		fmt.Fprintf(table, "text\t%q\n", *s.Text)
	}
	return table.Flush()
}

// settle replays or discards one.
func (a deadLettersArgs) settle(ctx context.Context, d kafka.DeadLetter) error {
	p, err := kafka.NewProducer(a.log, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer p.Close()
	if a.what == "replay" {
		err, d.State = p.Replay(ctx, d), kafka.LetterReplayed
	} else {
		err, d.State = p.Discard(ctx, d), kafka.LetterDiscarded
	}
	switch {
	case err != nil:
		return fmt.Errorf("not confirmed: %w; doing it again is safe", err)
	case a.json:
		return a.encode(a.shown(d))
	}
	_, err = fmt.Fprintf(a.out, "%s %s.\n", d.ID, d.State)
	return err
}

func (a deadLettersArgs) encode(v any) error {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// exitCode is what the process ends with.
func exitCode(err error) int {
	var e *exitError
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}
