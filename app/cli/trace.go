package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"strings"

	"github.com/google/uuid"

	"parley/app/config"
	"parley/app/postgres"
	"parley/app/redis"
	"parley/app/replica"
)

const traceUsage = `parley trace MESSAGE_ID [--json]     where a message has been, never its text

It prints when and by which replica the message was accepted, published, delivered and stored, its
partition and offset in the log, and who has read it. --json prints JSON.

Exit codes: 1 it failed, 2 wrong arguments, 3 nothing is known of such a message.`

var traceCommand = command{
	name:    "trace",
	operand: "ID",
	summary: "where a message has been: accepted, logged, published, delivered, stored, read",
	usage:   traceUsage,
	minArgs: 1,
	maxArgs: 1,
	writes:  writesNothing,
	setup: func(flags *flag.FlagSet) action {
		asJSON := flags.Bool("json", false, "")
		return func(ctx context.Context, in invocation) error { return traceMessage(ctx, in, *asJSON) }
	},
}

// traceMessage is the command. Replicas may run meanwhile.
func traceMessage(ctx context.Context, in invocation, asJSON bool) error {
	id, err := uuid.Parse(in.args[0])
	if err != nil || id == uuid.Nil {
		return in.misuse("%q is no message's id", in.args[0])
	}

	at, release, err := addresses(ctx, in.cfg, io.Discard)
	if err != nil {
		return err
	}
	defer release()

	return findMessage(ctx, in.cfg, at, id, asJSON, in.out)
}

func findMessage(
	ctx context.Context, cfg config.Config, at replica.Addresses, id uuid.UUID, asJSON bool, out io.Writer,
) error {
	store, err := postgres.OpenWith(replica.PostgresOptions(cfg, at))
	if err != nil {
		return err
	}
	defer store.Close()
	client, err := redis.NewClient(at.RedisURL)
	if err != nil {
		return err
	}
	defer client.Close()

	finder := replica.Finder{Store: store, Redis: client, Log: replica.KafkaOptions(cfg, at)}
	found, err := finder.TraceMessage(ctx, id)
	switch {
	case errors.Is(err, replica.ErrNothingKnown):
		return exit(exitUnknown, "%s", strings.Join(append([]string{err.Error()}, found.Unknown...), "; "))
	case err != nil:
		return err
	case asJSON:
		return json.NewEncoder(out).Encode(found)
	}
	return printTrace(out, found)
}
