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

// Finder collects what is known of single messages from the dependencies: the row in
// PostgreSQL, the record in Kafka, the delivery trace in Redis.
type Finder struct {
	Store *postgres.Store
	Redis goredis.UniversalClient
	Log   kafka.Options
}

// ErrNothingKnown means that no dependency that answered knows the message.
var ErrNothingKnown = errors.New("nothing is known of this message")

// locateTimeout bounds the search for a record in the log.
const locateTimeout = 5 * time.Second

// TraceMessage finds a message for this replica's pages; see Finder.
func (n *Replica) TraceMessage(ctx context.Context, id uuid.UUID) (status.MessageTrace, error) {
	return Finder{n.store, n.Redis, n.KafkaOptions}.TraceMessage(ctx, id)
}

// TraceMessage returns what is known of a message, without its text. Its field Unknown
// names the dependencies that didn't answer. The error is nil or ErrNothingKnown.
func (f Finder) TraceMessage(ctx context.Context, id uuid.UUID) (status.MessageTrace, error) {
	t := status.MessageTrace{ID: id, TraceID: telemetry.TraceID(id)}
	f.readDeliveryTrace(ctx, &t)
	f.readRow(ctx, &t)
	f.readRecord(ctx, &t)
	if !t.Noted && !t.Stored {
		return t, ErrNothingKnown
	}
	return t, nil
}

func (f Finder) readDeliveryTrace(ctx context.Context, t *status.MessageTrace) {
	d, known, err := redis.ReadTrace(ctx, f.Redis, t.ID)
	if err != nil {
		t.Unknown = append(t.Unknown, "Redis doesn't answer: what the replicas noted isn't known")
		return
	}

	t.Noted = known
	t.AcceptedBy, t.AcceptedAt, t.Offset = d.AcceptedBy, d.AcceptedAt, d.Offset
	t.PublishedAt, t.Deliveries = d.PublishedAt, d.Deliveries
	t.StoredBy, t.StoredAt = d.StoredBy, d.StoredAt
	t.TraceID = cmp.Or(telemetry.TraceOf(d.Trace), t.TraceID)
}

func (f Finder) readRow(ctx context.Context, t *status.MessageTrace) {
	row, err := f.Store.MessageLocation(ctx, t.ID)
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

	ctx, cancel := context.WithTimeout(ctx, locateTimeout)
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
