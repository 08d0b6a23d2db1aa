package cli

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"parley/app/status"
)

// printTrace writes a trace as a table, in the order of a message's path.
func printTrace(out io.Writer, t status.MessageTrace) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(step, format string, args ...any) {
		fmt.Fprintf(w, "%s\t"+format+"\n", append([]any{step}, args...)...)
	}

	line("message", "%s", t.ID)
	line("conversation", "%s, from %s", idOrUnknown(t.Conversation), idOrUnknown(t.Sender))
	line("sent", "%s", timeOrUnknown(t.SentAt))
	line("accepted", "%s, by %s",
		timeOrUnknown(t.AcceptedAt), cmp.Or(t.AcceptedBy, "a replica that isn't known any more"))
	switch {
	case t.InLog:
		line("log", "partition %d, offset %d, %s", t.Partition, *t.Offset, timeOrUnknown(t.LoggedAt))
	case t.Offset != nil:
		line("log", "it was at offset %d; the record isn't there any more", *t.Offset)
	default:
		line("log", "it never was there: stored past it, or not known")
	}

	line("published", "%s", timeOrUnknown(t.PublishedAt))
	for _, d := range t.Deliveries {
		line("delivered", "%s, by %s to %d streams", timeOrUnknown(d.At), d.Replica, d.Streams)
	}
	if t.Stored {
		line("stored", "%s, as number %d%s", timeOrUnknown(t.StoredAt), t.Seq, byReplica(t.StoredBy))
	} else {
		line("stored", "not yet, or not known")
	}

	for _, m := range t.Marks {
		line("page", "%s: %s", m.Person, markState(m, t.Seq))
	}

	line("trace", "%s, if traces are kept", t.TraceID)
	for _, reason := range t.Unknown {
		line("", "%s", reason)
	}
	if !t.Noted {
		line("", "Replicas' notes, of when it was accepted, published, delivered and stored, are kept for %s; "+
			"of this message there are none.", durationWords(status.TraceRetention))
	}

	return w.Flush()
}

func idOrUnknown(id uuid.UUID) string {
	if id == uuid.Nil {
		return "not known"
	}
	return id.String()
}

func timeOrUnknown(t time.Time) string {
	if t.IsZero() {
		return "not known when"
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func byReplica(name string) string {
	if name == "" {
		return ""
	}
	return ", by " + name
}

func durationWords(d time.Duration) string {
	if d == time.Hour {
		return "an hour"
	}
	return d.String()
}

// markState describes how far a member's marks are past seq. The time at which a
// mark moved isn't stored.
func markState(m status.Mark, seq int64) string {
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
