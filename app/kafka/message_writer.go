package kafka

import (
	"context"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"parley/app/chat"
)

// maxBatchRows is the largest number of records that one transaction stores.
const maxBatchRows = 4000

// WriterDeps are the dependencies and settings of a MessageWriter.
type WriterDeps struct {
	Store     BatchStore
	Publisher Publisher
	Returner  Returner
	Producer  *Producer // appends dead letters and creates missing topics
	Observer  Observer  // nil: no observer
	Logger    *slog.Logger

	// RowsPerSecond limits how fast records are stored. 0: no limit.
	RowsPerSecond int
}

// MessageWriter is the Handler that moves messages from the log into the store. It stores a
// batch in one transaction and then publishes it. A record that the store refuses for its
// content becomes a dead letter, and its message is returned to the sender, before its offset
// is committed. If the process dies in between, the record is delivered again: then there are
// two dead letters, and the message is returned once.
type MessageWriter struct {
	deps     WriterDeps
	limiter  *rate.Limiter // nil: no limit
	maxBatch int
}

// NewMessageWriter returns a MessageWriter.
func NewMessageWriter(deps WriterDeps) *MessageWriter {
	if deps.Observer == nil {
		deps.Observer = noopObserver{}
	}
	w := &MessageWriter{deps: deps, maxBatch: maxBatchRows}
	if rows := deps.RowsPerSecond; rows > 0 {
		// A batch has at most the rows of one second, so that waiting for the limiter never
		// stops the polling for long.
		w.maxBatch = min(maxBatchRows, rows)
		w.limiter = rate.NewLimiter(rate.Limit(rows), w.maxBatch)
	}
	return w
}

// MaxBatch implements Handler.
func (w *MessageWriter) MaxBatch() int { return w.maxBatch }

// Forget implements Handler.
func (w *MessageWriter) Forget() { w.deps.Store.Forget() }

// Assigned implements Handler.
func (w *MessageWriter) Assigned(partitions int) { w.deps.Observer.Assigned(partitions) }

// TopicMissing implements Handler.
func (w *MessageWriter) TopicMissing(err error) { w.deps.Producer.noteMissing(err) }

// Prepare waits for the row limit and dead-letters the records that are no messages.
func (w *MessageWriter) Prepare(ctx context.Context, b *Batch, retry Retry) bool {
	if w.limiter != nil {
		if err := w.limiter.WaitN(ctx, len(b.records)); err != nil {
			return false
		}
	}

	for _, r := range b.rejected {
		if !w.reject(ctx, r.record, r.message, r.err, retry) {
			return false
		}
	}
	return true
}

// Store makes one attempt to store b's messages in one transaction.
func (w *MessageWriter) Store(ctx context.Context, b *Batch) ([]chat.StoredConversation, error) {
	if len(b.entries) == 0 {
		return nil, nil
	}
	return w.store(ctx, messagesOf(b.entries))
}

func (w *MessageWriter) store(ctx context.Context, messages []chat.Message) ([]chat.StoredConversation, error) {
	began := time.Now()
	stored, err := w.deps.Store.StoreBatch(ctx, messages)
	if err == nil {
		w.deps.Observer.Stored(messages, stored, began, time.Now())
	}
	return stored, err
}

// Publish publishes that b's messages are stored.
func (w *MessageWriter) Publish(ctx context.Context, b *Batch, stored []chat.StoredConversation) {
	w.publish(ctx, b.entries, stored)
}

// publish also revokes the return of replayed dead letters: they are stored now.
func (w *MessageWriter) publish(ctx context.Context, entries []entry, stored []chat.StoredConversation) {
	if ids := replayedIDs(entries); len(ids) > 0 {
		w.deps.Returner.StoredAfterAll(ctx, ids)
	}
	w.deps.Publisher.Stored(ctx, stored)
}

// StoreWithRetry stores and publishes b's messages, and dead-letters those that the store
// refuses for their content.
func (w *MessageWriter) StoreWithRetry(ctx context.Context, b *Batch, retry Retry) bool {
	return w.storeEntries(ctx, b.entries, retry)
}

// storeEntries halves entries that the store refuses for their content, until the bad record
// is alone. It returns false when ctx ended first.
func (w *MessageWriter) storeEntries(ctx context.Context, entries []entry, retry Retry) bool {
	if ctx.Err() != nil {
		return false
	}
	if len(entries) == 0 {
		return true
	}

	messages := messagesOf(entries)
	var stored []chat.StoredConversation
	var refusal error
	ok := retry(ctx, "store", func() (err error) {
		if stored, err = w.store(ctx, messages); isContent(err) {
			refusal, err = err, nil
		}
		return err
	})

	switch {
	case !ok:
		return false
	case refusal == nil:
		w.publish(ctx, entries, stored)
		return true
	case len(entries) == 1:
		return w.reject(ctx, entries[0].record, entries[0].message, refusal, retry)
	}
	half := len(entries) / 2
	return w.storeEntries(ctx, entries[:half], retry) && w.storeEntries(ctx, entries[half:], retry)
}

// reject dead-letters a record that cannot be stored, then returns its message, if it has one,
// to the sender. It returns false when ctx ended first.
func (w *MessageWriter) reject(ctx context.Context, r *kafka.Message, m chat.Message, reason error, retry Retry) bool {
	w.deps.Logger.Error("dead letter",
		"partition", r.TopicPartition.Partition, "offset", r.TopicPartition.Offset, "reason", reason.Error())
	if !retry(ctx, "dead letter", func() error { return w.deps.Producer.deadLetter(ctx, r, reason.Error()) }) {
		return false
	}
	w.deps.Observer.DeadLettered()

	return m.ID == uuid.Nil ||
		retry(ctx, "return", func() error { return w.deps.Returner.ReturnMessage(ctx, m, reason) })
}
