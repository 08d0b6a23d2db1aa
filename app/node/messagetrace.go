package node

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/live"
	"parley/app/messagelog"
	"parley/app/ops"
	"parley/app/store"
)

// Finder gathers what is known of single messages, where it is kept: the row in Postgres, the record in Kafka, the replicas' notes in Redis.
type Finder struct {
	Store *store.Store
	Redis redis.UniversalClient
	Log   messagelog.Options
}

// ErrNothingKnown is the answer when every part was asked and none knows the message.
var ErrNothingKnown = errors.New("nothing is known of this message")

// findWithin bounds the search for a record.
const findWithin = 5 * time.Second

// TraceMessage finds a message for this replica's pages.
func (n *Node) TraceMessage(ctx context.Context, id uuid.UUID) (ops.MessageTrace, error) {
	return Finder{n.store, n.redis, n.log}.TraceMessage(ctx, id)
}

// traceOf answers the id of a message's trace for its members, or "": as it is noted, or else the message's own, which is right but for a post that came
// with another one.
func (n *Node) traceOf(ctx context.Context, message uuid.UUID) string {
	if n.traces == nil {
		return ""
	}
	if notes, noted, err := n.notes.Read(ctx, message); err == nil && noted && notes.AcceptedBy != "" {
		return ops.TraceOf(notes.Trace)
	}
	return n.traces.Of(message)
}

// TraceMessage answers what is known of a message, never its text. Parts that are away are named in Unknown. ErrNothingKnown: none of those that
// answered knows it.
func (f Finder) TraceMessage(ctx context.Context, id uuid.UUID) (ops.MessageTrace, error) {
	t := ops.MessageTrace{ID: id, TraceID: ops.TraceID(id)}
	f.readNotes(ctx, &t)
	f.readRow(ctx, &t)
	f.readRecord(ctx, &t)
	if !t.Noted && !t.Stored {
		return t, ErrNothingKnown
	}
	return t, nil
}

func (f Finder) readNotes(ctx context.Context, t *ops.MessageTrace) {
	notes, noted, err := live.ReadNotes(ctx, f.Redis, t.ID)
	if err != nil {
		t.Unknown = append(t.Unknown, "Redis doesn't answer: what the replicas noted isn't known")
		return
	}
	t.Noted = noted
	t.AcceptedBy, t.AcceptedAt, t.Offset = notes.AcceptedBy, notes.AcceptedAt, notes.Offset
	t.PublishedAt, t.Deliveries, t.StoredBy, t.StoredAt = notes.PublishedAt, notes.Deliveries, notes.StoredBy, notes.StoredAt
	t.TraceID = cmp.Or(ops.TraceOf(notes.Trace), t.TraceID)
}

func (f Finder) readRow(ctx context.Context, t *ops.MessageTrace) {
	row, err := f.Store.Place(ctx, t.ID)
	switch {
	case chat.KindOf(err) == chat.KindNotFound:
		return
	case err != nil:
		t.Unknown = append(t.Unknown, "Postgres doesn't answer: whether it is stored isn't known")
		return
	}
	t.Stored, t.Seq, t.Marks = true, row.Seq, row.Marks
	t.Conversation, t.Sender, t.SentAt = row.ConversationID, row.SenderID, row.SentAt.Time
	if row.LogOffset != nil {
		t.Offset = row.LogOffset
	}
}

func (f Finder) readRecord(ctx context.Context, t *ops.MessageTrace) {
	if t.Offset == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, findWithin)
	defer cancel()
	record, found, err := messagelog.Find(ctx, f.Log, t.ID, *t.Offset)
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
	t.TraceID = cmp.Or(ops.TraceOf(record.Trace), t.TraceID)
}
