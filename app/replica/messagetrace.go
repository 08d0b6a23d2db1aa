package replica

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	goredis "github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/kafka"
	"parley/app/postgres"
	"parley/app/redis"
	"parley/app/status"
	"parley/app/telemetry"
)

// Finder gathers what is known of single messages, where it is kept: the row in Postgres, the record in Kafka, the replicas' notes in Redis.
type Finder struct {
	Store *postgres.Store
	Redis goredis.UniversalClient
	Log   kafka.Options
}

// ErrNothingKnown is the answer when every part was asked and none knows the message.
var ErrNothingKnown = errors.New("nothing is known of this message")

// findTimeout bounds the search for a record.
const findTimeout = 5 * time.Second

// TraceMessage finds a message for this replica's pages.
func (n *Replica) TraceMessage(ctx context.Context, id uuid.UUID) (status.MessageTrace, error) {
	return Finder{n.store, n.Redis, n.KafkaOptions}.TraceMessage(ctx, id)
}

// traceOf answers the id of a message's trace for its members, or "": as it is noted, or else the message's own, which is right but for a post that came
// with another one.
func (n *Replica) traceOf(ctx context.Context, message uuid.UUID) string {
	if n.Traces == nil {
		return ""
	}
	if notes, noted, err := n.TraceStore.Read(ctx, message); err == nil && noted && notes.AcceptedBy != "" {
		return telemetry.TraceOf(notes.Trace)
	}
	return n.Traces.Of(message)
}

// TraceMessage answers what is known of a message, never its text. Parts that are away are named in Unknown. ErrNothingKnown: none of those that
// answered knows it.
func (f Finder) TraceMessage(ctx context.Context, id uuid.UUID) (status.MessageTrace, error) {
	t := status.MessageTrace{ID: id, TraceID: telemetry.TraceID(id)}
	f.readNotes(ctx, &t)
	f.readRow(ctx, &t)
	f.readRecord(ctx, &t)
	if !t.Noted && !t.Stored {
		return t, ErrNothingKnown
	}
	return t, nil
}

func (f Finder) readNotes(ctx context.Context, t *status.MessageTrace) {
	notes, noted, err := redis.ReadTrace(ctx, f.Redis, t.ID)
	if err != nil {
		t.Unknown = append(t.Unknown, "Redis doesn't answer: what the replicas noted isn't known")
		return
	}
	t.Noted = noted
	t.AcceptedBy, t.AcceptedAt, t.Offset = notes.AcceptedBy, notes.AcceptedAt, notes.Offset
	t.PublishedAt, t.Deliveries, t.StoredBy, t.StoredAt = notes.PublishedAt, notes.Deliveries, notes.StoredBy, notes.StoredAt
	t.TraceID = cmp.Or(telemetry.TraceOf(notes.Trace), t.TraceID)
}

func (f Finder) readRow(ctx context.Context, t *status.MessageTrace) {
	row, err := f.Store.Place(ctx, t.ID)
	switch {
	case chat.KindOf(err) == chat.KindNotFound:
		return
	case err != nil:
		t.Unknown = append(t.Unknown, "Postgres doesn't answer: whether it is stored isn't known")
		return
	}
	t.Stored, t.Seq, t.Marks = true, row.Seq, row.Marks
	t.Conversation, t.Sender, t.SentAt = row.ConversationID, row.SenderID, row.SentAt
	if row.LogOffset != nil {
		t.Offset = row.LogOffset
	}
}

func (f Finder) readRecord(ctx context.Context, t *status.MessageTrace) {
	if t.Offset == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	record, found, err := kafka.Locate(ctx, f.Log, t.ID, *t.Offset)
	if err != nil {
		t.Unknown = append(t.Unknown, "Kafka doesn't answer: its record isn't known")
		return
	}
	if !found {
		return
	}
	t.InLog, t.Partition, t.LoggedAt = true, record.Partition, record.At
	t.Conversation, t.Sender, t.SentAt = record.ConversationID, record.SenderID, record.SentAt.Time
	t.AcceptedBy = cmp.Or(t.AcceptedBy, record.Replica)
	t.TraceID = cmp.Or(telemetry.TraceOf(record.Trace), t.TraceID)
}
