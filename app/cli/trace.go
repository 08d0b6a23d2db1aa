package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"parley/app/config"
	"parley/app/postgres"
	"parley/app/redis"
	"parley/app/replica"
	"parley/app/status"
)

const traceUsage = `parley trace MESSAGE_ID [--json]     where a message has been: accepted, in the log, published, delivered, stored, read; never what it says

Exit codes: 1 it failed, 2 it was asked wrongly, 3 nothing is known of such a message.`

// traceMessage is the command; replicas may run meanwhile.
func traceMessage(ctx context.Context, cfg config.Config, args []string, out io.Writer) error {
	id, asJSON := uuid.Nil, false
	for _, arg := range args {
		var err error
		switch {
		case arg == "--json":
			asJSON = true
		case id == uuid.Nil:
			id, err = uuid.Parse(arg)
		default:
			err = errors.New("one id at a time")
		}
		if err != nil {
			return exit(exitUsage, "%q: %w\n\n%s", arg, err, traceUsage)
		}
	}
	if id == uuid.Nil {
		return exit(exitUsage, "which message?\n\n%s", traceUsage)
	}
	at, lease, err := addresses(ctx, cfg, io.Discard)
	if err != nil {
		return err
	}
	if lease != nil {
		defer lease.Close()
	}
	return findMessage(ctx, cfg, at, id, asJSON, out)
}

func findMessage(ctx context.Context, cfg config.Config, at replica.Addresses, id uuid.UUID, asJSON bool, out io.Writer) error {
	f := replica.Finder{Log: replica.KafkaOptions(cfg, at)}
	var err error
	if f.Store, err = postgres.OpenWith(replica.PostgresOptions(cfg, at)); err != nil {
		return err
	}
	defer f.Store.Close()
	if f.Redis, err = redis.NewClient(at.RedisURL); err != nil {
		return err
	}
	defer f.Redis.Close()
	found, err := f.TraceMessage(ctx, id)
	switch {
	case errors.Is(err, replica.ErrNothingKnown):
		return exit(exitUnknown, "%s", strings.Join(append([]string{err.Error()}, found.Unknown...), "; "))
	case err != nil:
		return err
	case asJSON:
		return json.NewEncoder(out).Encode(found)
	}
	return tellTrace(out, found)
}

// tellTrace writes it for people, in the order of a message's way.
func tellTrace(out io.Writer, t status.MessageTrace) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(what, format string, args ...any) {
		fmt.Fprintf(w, "%s\t"+format+"\n", append([]any{what}, args...)...)
	}
	line("message", "%s", t.ID)
	line("conversation", "%s, from %s", known(t.Conversation), known(t.Sender))
	line("sent", "%s", moment(t.SentAt))
	line("accepted", "%s, by %s", moment(t.AcceptedAt), cmp.Or(t.AcceptedBy, "a replica that isn't known any more"))
	switch {
	case t.InLog:
		line("log", "partition %d, offset %d, %s", t.Partition, *t.Offset, moment(t.LoggedAt))
	case t.Offset != nil:
		line("log", "it was at offset %d; the record isn't there any more", *t.Offset)
	default:
		line("log", "it never was there: stored past it, or not known")
	}
	line("published", "%s", moment(t.PublishedAt))
	for _, d := range t.Deliveries {
		line("delivered", "%s, by %s to %d streams", moment(d.At), d.Replica, d.Streams)
	}
	if t.Stored {
		line("stored", "%s, as number %d%s", moment(t.StoredAt), t.Seq, by(t.StoredBy))
	} else {
		line("stored", "not yet, or not known")
	}
	for _, m := range t.Marks {
		line("page", "%s: %s", m.Person, reached(m, t.Seq))
	}
	line("trace", "%s, if traces are kept", t.TraceID)
	for _, why := range t.Unknown {
		line("", "%s", why)
	}
	if !t.Noted {
		line("", "Replicas' notes, of when it was accepted, published, delivered and stored, are kept for %s; of this message there are none.", inWords(status.TraceRetention))
	}
	return w.Flush()
}

func known(id uuid.UUID) string {
	if id == uuid.Nil {
		return "not known"
	}
	return id.String()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "not known when"
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func by(replica string) string {
	if replica == "" {
		return ""
	}
	return ", by " + replica
}

func inWords(d time.Duration) string {
	if d == time.Hour {
		return "an hour"
	}
	return d.String()
}

// reached says what a member's marks say of one number. When a mark moved isn't kept.
func reached(m status.Mark, seq int64) string {
	switch {
	case m.Read == nil || m.Delivered == nil:
		return "they don't show what they have read"
	case *m.Read >= seq:
		return fmt.Sprintf("read (when isn't kept; read to %d)", *m.Read)
	case *m.Delivered >= seq:
		return fmt.Sprintf("delivered, not read (when isn't kept; delivered to %d)", *m.Delivered)
	}
	return fmt.Sprintf("not delivered yet (delivered to %d)", *m.Delivered)
}
