package redis

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"parley/app/chat"
	"parley/app/loop"
	"parley/app/status"
)

// Limits of trace updates per replica. A message has about five, and its hash takes 350
// bytes, so the hashes of the last hour take 25 MB per replica at most.
const (
	traceUpdatesPerSecond = 100
	traceUpdatesBurst     = 5000
	traceQueueSize        = 4096
	traceWriteInterval    = 250 * time.Millisecond
)

// Fields of a message's hash. After a colon follows the replica. Times are Unix
// milliseconds.
const (
	acceptedField  = "accepted:"
	offsetField    = "offset" // in the log
	publishedField = "published"
	deliveredField = "delivered:" // time of the first delivery
	streamsField   = "streams:"   // number of streams
	storedField    = "stored:"
	traceField     = "trace" // traceparent
)

func traceKey(message uuid.UUID) string { return namespace + "trace:" + message.String() }

// TraceStore keeps in Redis for an hour how single messages were delivered, for operators
// who look for a message. Callers never wait: updates are queued and written four times
// per second in one round trip. They are dropped while the queue is full, Redis is down or
// the rate limit is exceeded. Safe for concurrent use.
type TraceStore struct {
	bus     *Bus
	replica string
	queue   chan traceUpdate
	limiter *rate.Limiter
}

// traceUpdate changes a field of a message's hash. A field with a value is set once, and
// one without is incremented.
type traceUpdate struct {
	message   uuid.UUID
	field     string
	value     string
	increment int64
}

// NewTraceStore returns the store of a replica. Nothing is written before Run.
func NewTraceStore(bus *Bus, replica string) *TraceStore {
	return &TraceStore{
		bus:     bus,
		replica: replica,
		queue:   make(chan traceUpdate, traceQueueSize),
		limiter: rate.NewLimiter(traceUpdatesPerSecond, traceUpdatesBurst),
	}
}

// Accepted records that this replica made a message durable.
func (t *TraceStore) Accepted(m chat.Message) {
	updates := 2
	if m.Trace != "" {
		updates++
	}
	if !t.allow(updates) {
		return
	}
	if m.Trace != "" {
		t.add(traceUpdate{message: m.ID, field: traceField, value: m.Trace})
	}

	t.add(traceUpdate{message: m.ID, field: acceptedField + t.replica, value: millis(time.Now())})
	if m.LogOffset != nil {
		t.add(traceUpdate{message: m.ID, field: offsetField, value: strconv.FormatInt(*m.LogOffset, 10)})
	}
}

// Published records that a message was published.
func (t *TraceStore) Published(m chat.Message) {
	if t.allow(1) {
		t.add(traceUpdate{message: m.ID, field: publishedField, value: millis(time.Now())})
	}
}

// Delivered records that a message was queued to a number of streams of this replica.
func (t *TraceStore) Delivered(m chat.Message, streams int) {
	if t.allow(2) {
		t.add(traceUpdate{message: m.ID, field: deliveredField + t.replica, value: millis(time.Now())})
		t.add(traceUpdate{message: m.ID, field: streamsField + t.replica, increment: int64(streams)})
	}
}

// Stored records that this replica stored a message, by its writer or by a direct write.
func (t *TraceStore) Stored(message uuid.UUID, at time.Time) {
	if t.allow(1) {
		t.add(traceUpdate{message: message, field: storedField + t.replica, value: millis(at)})
	}
}

func millis(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

func (t *TraceStore) allow(updates int) bool { return t.limiter.AllowN(time.Now(), updates) }

func (t *TraceStore) add(u traceUpdate) {
	select {
	case t.queue <- u:
	default:
	}
}

// Run writes updates until ctx ends, and then those that are still queued. It returns nil.
func (t *TraceStore) Run(ctx context.Context) error {
	loop.Every(ctx, traceWriteInterval, t.flush)
	t.flush(context.WithoutCancel(ctx))
	return nil
}

// flush writes all queued updates. On failure they are lost, and the bus has logged the
// error.
func (t *TraceStore) flush(ctx context.Context) {
	updates := make([]traceUpdate, len(t.queue))
	for i := range updates {
		updates[i] = <-t.queue
	}

	if len(updates) == 0 || t.bus.Down() {
		return
	}

	_ = t.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		messages := map[uuid.UUID]bool{}
		for _, u := range updates {
			messages[u.message] = true
			if u.value == "" {
				pipe.HIncrBy(ctx, traceKey(u.message), u.field, u.increment)
			} else {
				pipe.HSetNX(ctx, traceKey(u.message), u.field, u.value)
			}
		}
		for message := range messages {
			pipe.Expire(ctx, traceKey(message), status.TraceRetention)
		}
	})
}
