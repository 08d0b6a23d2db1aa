package redis

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"parley/app/chat"
	"parley/app/status"
)

// Notes keep in Redis, for an hour, what became of single messages, for those who look for one. Nobody waits for them: they are queued, written
// several times a second in one round trip, and left out when the queue is full, Redis is away, or more is going on than they are allowed. Safe for
// concurrent use.
type TraceStore struct {
	bus     *Bus
	replica string
	logger  *slog.Logger
	queue   chan traceUpdate
	allowed *rate.Limiter
}

// note is one fact: a field of the message's hash, set once or counted up.
type traceUpdate struct {
	message uuid.UUID
	field   string
	value   string // "": count up by more
	more    int64
}

// Bounds of the notes. A message has about five, and 350 bytes in Redis: at most some 25 MB for each replica.
const (
	traceUpdatesPerSecond = 100
	traceUpdatesBurst     = 5000
	traceQueueSize        = 4096
	traceWriteInterval    = 250 * time.Millisecond
)

// NewTraceStore makes those of a replica; Run writes them.
func NewTraceStore(bus *Bus, replica string, logger *slog.Logger) *TraceStore {
	return &TraceStore{bus: bus, replica: replica, logger: logger, queue: make(chan traceUpdate, traceQueueSize), allowed: rate.NewLimiter(traceUpdatesPerSecond, traceUpdatesBurst)}
}

func traceKey(message uuid.UUID) string { return "note:" + message.String() }

// Fields of a message's hash; the replica follows those that end with a colon.
const (
	acceptedField  = "accepted:"  // Unix milliseconds
	offsetField    = "offset"     // in the log
	publishedField = "published"  // Unix milliseconds
	deliveredField = "delivered:" // Unix milliseconds, of the first
	streamsField   = "streams:"   // how many
	storedField    = "stored:"    // Unix milliseconds
	traceField     = "trace"      // traceparent
)

// Accepted notes that this replica made a message durable.
func (n *TraceStore) Accepted(m chat.Message) {
	notes := 2
	if m.Trace != "" {
		notes++
	}
	if !n.allow(notes) {
		return
	}
	if m.Trace != "" {
		n.add(traceUpdate{message: m.ID, field: traceField, value: m.Trace})
	}
	n.add(traceUpdate{message: m.ID, field: acceptedField + n.replica, value: now()})
	if m.LogOffset != nil {
		n.add(traceUpdate{message: m.ID, field: offsetField, value: strconv.FormatInt(*m.LogOffset, 10)})
	}
}

// Published notes that Redis has it.
func (n *TraceStore) Published(m chat.Message) {
	if n.allow(1) {
		n.add(traceUpdate{message: m.ID, field: publishedField, value: now()})
	}
}

// Delivered notes that it was queued to streams here.
func (n *TraceStore) Delivered(m chat.Message, streams int) {
	if n.allow(2) {
		n.add(traceUpdate{message: m.ID, field: deliveredField + n.replica, value: now()})
		n.add(traceUpdate{message: m.ID, field: streamsField + n.replica, more: int64(streams)})
	}
}

// Stored notes that this replica stored it: its writer, or a direct write.
func (n *TraceStore) Stored(message uuid.UUID, at time.Time) {
	if n.allow(1) {
		n.add(traceUpdate{message: message, field: storedField + n.replica, value: strconv.FormatInt(at.UnixMilli(), 10)})
	}
}

func now() string { return strconv.FormatInt(time.Now().UnixMilli(), 10) }

func (n *TraceStore) allow(notes int) bool { return n.allowed.AllowN(time.Now(), notes) }

func (n *TraceStore) add(one traceUpdate) {
	select {
	case n.queue <- one:
	default:
	}
}

// Run writes notes until ctx ends, then those that are left.
func (n *TraceStore) Run(ctx context.Context) {
	ticker := time.NewTicker(traceWriteInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			n.write(ctx)
		case <-ctx.Done():
			n.write(context.WithoutCancel(ctx))
			return
		}
	}
}

func (n *TraceStore) write(ctx context.Context) {
	waiting := len(n.queue)
	if waiting == 0 {
		return
	}
	notes := make([]traceUpdate, waiting)
	for i := range notes {
		notes[i] = <-n.queue
	}
	if n.bus.Down() {
		return
	}
	_ = n.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) { // the bus has logged a failure; these notes are lost
		touched := map[uuid.UUID]bool{}
		for _, one := range notes {
			touched[one.message] = true
			if one.value == "" {
				pipe.HIncrBy(ctx, traceKey(one.message), one.field, one.more)
			} else {
				pipe.HSetNX(ctx, traceKey(one.message), one.field, one.value)
			}
		}
		for message := range touched {
			pipe.Expire(ctx, traceKey(message), status.TraceRetention)
		}
	})
}

// Read finds what was noted of a message. known is false when nothing was; its error is Unavailable while Redis is away.
func (n *TraceStore) Read(ctx context.Context, message uuid.UUID) (notes status.DeliveryTrace, known bool, err error) {
	if n.bus.Down() {
		return notes, false, chat.Unavailable("redis", errDown)
	}
	return ReadTrace(ctx, n.bus.client, message)
}

// ReadTrace is Notes.Read for a program that is no replica.
func ReadTrace(ctx context.Context, client redis.UniversalClient, message uuid.UUID) (notes status.DeliveryTrace, known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	fields, err := client.HGetAll(ctx, traceKey(message)).Result()
	if err != nil {
		return notes, false, chat.Unavailable("redis", err)
	}
	notes.Trace = fields[traceField]
	streams := map[string]int{}
	for field, value := range fields {
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			continue // no number, or a later release's
		}
		what, replica, _ := strings.Cut(field, ":")
		switch at := time.UnixMilli(number).UTC(); what + ":" {
		case acceptedField:
			if notes.AcceptedAt.IsZero() || at.Before(notes.AcceptedAt) { // a retry elsewhere is the same message
				notes.AcceptedBy, notes.AcceptedAt = replica, at
			}
		case offsetField + ":":
			notes.Offset = &number
		case publishedField + ":":
			notes.PublishedAt = at
		case deliveredField:
			notes.Deliveries = append(notes.Deliveries, status.Delivery{Replica: replica, At: at})
		case streamsField:
			streams[replica] = int(number)
		case storedField:
			if notes.StoredAt.IsZero() || at.Before(notes.StoredAt) { // delivered again, it was found stored
				notes.StoredBy, notes.StoredAt = replica, at
			}
		}
	}
	for i, d := range notes.Deliveries {
		notes.Deliveries[i].Streams = streams[d.Replica]
	}
	slices.SortFunc(notes.Deliveries, func(a, b status.Delivery) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Replica, b.Replica))
	})
	return notes, len(fields) > 0, nil
}
