package messagelog

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"golang.org/x/time/rate"

	"parley/app/chat"
)

// BatchStore stores a batch in one transaction (store.Writer). An error that wraps chat.ErrContent is final for its messages.
type BatchStore interface {
	StoreBatch(ctx context.Context, messages []chat.Message) ([]chat.StoredConversation, error)
	Forget()
}

// Announcer publishes what was stored and takes it from the tails (live.Bus).
type Announcer interface {
	Stored(ctx context.Context, batch []chat.StoredConversation)
}

// Writer moves the log into the store. For each batch, in this order: one transaction, `stored` and the tails, the offsets. Whatever it
// dies between is delivered again, and found known.
type Writer struct {
	options  Options
	store    BatchStore
	bus      Announcer
	dead     *Producer
	rows     *rate.Limiter
	most     int // rows of a batch
	logger   *slog.Logger
	consumer *kafka.Consumer
	paused   bool  // this and fatal are of the goroutine that polls
	fatal    error // the consumer can't go on
}

const (
	batchRows  = 1000
	pollEvery  = 100 * time.Millisecond
	gatherFor  = 5 * time.Millisecond // a transaction for one record costs as much as one for fifty; nobody sees the difference
	retryFirst = 100 * time.Millisecond
	retryMost  = 5 * time.Second
)

// NewWriter makes a writer; rowsPerSecond caps it (0: no cap). Dead letters leave by way of dead.
func NewWriter(o Options, store BatchStore, bus Announcer, dead *Producer, rowsPerSecond int, logger *slog.Logger) *Writer {
	w := &Writer{options: o, store: store, bus: bus, dead: dead, most: batchRows, logger: logger}
	if rowsPerSecond > 0 {
		// A batch is at most a second's worth, so that waiting for its turn never stops the polling for long.
		w.most = min(batchRows, rowsPerSecond)
		w.rows = rate.NewLimiter(rate.Limit(rowsPerSecond), w.most)
	}
	return w
}

// Run consumes until ctx ends, then leaves the group. A batch under way is finished or abandoned uncommitted. An error means that the
// consumer failed: Run may be called again.
func (w *Writer) Run(ctx context.Context) error {
	consumer, err := kafka.NewConsumer(with(base(w.options), kafka.ConfigMap{
		"group.id": w.options.Group, "partition.assignment.strategy": "cooperative-sticky",
		"enable.auto.commit": false, "enable.auto.offset.store": false, "auto.offset.reset": "earliest",
		"session.timeout.ms": 10_000, "heartbeat.interval.ms": 2_000, "max.poll.interval.ms": 300_000,
		"queued.max.messages.kbytes": 16_384,
		// A fetch for every record costs the broker more than the record did: it collects for a moment.
		"fetch.min.bytes": 32 << 10, "fetch.wait.max.ms": 50,
	}))
	if err != nil {
		return err
	}
	w.consumer, w.paused, w.fatal = consumer, false, nil
	defer consumer.Close()
	if err := consumer.Subscribe(w.options.Topic, w.rebalance); err != nil {
		return err
	}
	for ctx.Err() == nil && w.fatal == nil {
		if batch := w.gather(ctx); len(batch) > 0 {
			w.process(ctx, batch)
		}
	}
	return w.fatal
}

// gather waits for a record, then a moment for others, up to a batch.
func (w *Writer) gather(ctx context.Context) []*kafka.Message {
	first := w.poll(pollEvery)
	if first == nil {
		return nil
	}
	batch := []*kafka.Message{first}
	for until := time.Now().Add(gatherFor); len(batch) < w.most && ctx.Err() == nil; {
		wait := time.Until(until)
		if wait < time.Millisecond {
			break
		}
		if m := w.poll(wait); m != nil {
			batch = append(batch, m)
		}
	}
	return batch
}

// poll serves the group and gives the next record, if there is one.
func (w *Writer) poll(wait time.Duration) *kafka.Message {
	switch e := w.consumer.Poll(int(wait.Milliseconds())).(type) {
	case *kafka.Message:
		return e
	case kafka.Error:
		w.logger.Warn("consumer", "error", e)
		if e.IsFatal() {
			w.fatal = e
		}
	}
	return nil
}

// process doesn't return before the batch is stored and committed, or ctx ends.
func (w *Writer) process(ctx context.Context, batch []*kafka.Message) {
	if w.rows != nil {
		if err := w.rows.WaitN(ctx, len(batch)); err != nil {
			return
		}
	}
	if entries, ok := w.readable(ctx, batch); ok && w.persist(ctx, entries) {
		w.commit(batch)
	}
}

// entry is a record and what it says.
type entry struct {
	record  *kafka.Message
	message chat.Message
}

// readable decodes a batch. A record that is none is buried; one of a newer release holds the writer up until it is replaced.
// It answers false when ctx ended first.
func (w *Writer) readable(ctx context.Context, batch []*kafka.Message) ([]entry, bool) {
	entries := make([]entry, 0, len(batch))
	for _, r := range batch {
		m, err := decode(r.Value, int64(r.TopicPartition.Offset))
		switch {
		case err == nil:
			entries = append(entries, entry{r, m})
		case isNewer(err):
			w.logger.Error("a record is of a newer release: this writer waits to be replaced", "partition", r.TopicPartition.Partition, "offset", r.TopicPartition.Offset)
			return nil, w.retry(ctx, "newer record", func() error { return err })
		case !w.bury(ctx, r, err.Error()):
			return nil, false
		}
	}
	return entries, true
}

// persist stores entries, halving a batch that fails for its content until the bad record stands alone. It answers false when ctx ended first.
func (w *Writer) persist(ctx context.Context, entries []entry) bool {
	if ctx.Err() != nil {
		return false
	}
	if len(entries) == 0 {
		return true
	}
	messages := make([]chat.Message, len(entries))
	for i, e := range entries {
		messages[i] = e.message
	}
	var stored []chat.StoredConversation
	var refused error
	ok := w.retry(ctx, "store", func() (err error) {
		stored, err = w.store.StoreBatch(ctx, messages)
		if isContent(err) {
			refused, err = err, nil
		}
		return err
	})
	switch {
	case !ok:
		return false
	case refused == nil:
		w.bus.Stored(ctx, stored)
		return true
	case len(entries) == 1:
		return w.buryMessage(ctx, entries[0], refused)
	}
	half := len(entries) / 2
	return w.persist(ctx, entries[:half]) && w.persist(ctx, entries[half:])
}

// buryMessage buries a message that the store refuses, and takes it from its conversation's tail.
func (w *Writer) buryMessage(ctx context.Context, e entry, reason error) bool {
	if !w.bury(ctx, e.record, reason.Error()) {
		return false
	}
	w.bus.Stored(ctx, []chat.StoredConversation{{ConversationID: e.message.ConversationID, Offsets: []int64{*e.message.LogOffset}}})
	return true
}

func (w *Writer) bury(ctx context.Context, r *kafka.Message, reason string) bool {
	w.logger.Error("dead letter", "partition", r.TopicPartition.Partition, "offset", r.TopicPartition.Offset, "reason", reason)
	return w.retry(ctx, "dead letter", func() error { return w.dead.bury(ctx, r, reason) })
}

// retry tries for ever with backoff, polling meanwhile so that the group keeps this consumer; all partitions are paused, so that polling
// brings no records. It answers false when ctx ended first.
func (w *Writer) retry(ctx context.Context, what string, try func() error) bool {
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		err := try()
		if err == nil {
			w.pause(false)
			return true
		}
		if ctx.Err() != nil || w.fatal != nil {
			return false
		}
		w.logger.Warn("the writer waits", "for", what, "error", err, "again_in", wait)
		w.pause(true)
		for until := time.Now().Add(wait); time.Now().Before(until) && ctx.Err() == nil && w.fatal == nil; {
			if m := w.poll(min(wait, pollEvery)); m != nil {
				w.rewind(m)
			}
		}
	}
}

// rewind puts back a record that was on its way when its partition was paused.
func (w *Writer) rewind(m *kafka.Message) {
	tp := m.TopicPartition
	if _, err := w.consumer.SeekPartitions([]kafka.TopicPartition{tp}); err != nil {
		w.logger.Warn("seek", "error", err) // it is delivered again from the committed offset after the next rebalance
	}
}

func (w *Writer) pause(on bool) {
	if w.paused == on {
		return
	}
	w.paused = on
	assigned, err := w.consumer.Assignment()
	if err == nil && on {
		err = w.consumer.Pause(assigned)
	} else if err == nil {
		err = w.consumer.Resume(assigned)
	}
	if err != nil {
		w.logger.Warn("pause", "on", on, "error", err)
	}
}

// rebalance keeps partitions that arrive during a pause paused, and forgets remembered numbers: others may have written since.
func (w *Writer) rebalance(c *kafka.Consumer, e kafka.Event) error {
	w.store.Forget()
	switch e := e.(type) {
	case kafka.AssignedPartitions:
		w.logger.Info("partitions assigned", "partitions", numbers(e.Partitions))
		if err := c.IncrementalAssign(e.Partitions); err != nil {
			return err
		}
		if w.paused {
			return c.Pause(e.Partitions)
		}
	case kafka.RevokedPartitions:
		w.logger.Info("partitions revoked", "partitions", numbers(e.Partitions), "lost", c.AssignmentLost())
		return c.IncrementalUnassign(e.Partitions)
	}
	return nil
}

// commit may fail (a partition went to another consumer): then the batch is delivered there again, and found known.
func (w *Writer) commit(batch []*kafka.Message) {
	next := map[int32]kafka.Offset{}
	for _, m := range batch {
		next[m.TopicPartition.Partition] = max(next[m.TopicPartition.Partition], m.TopicPartition.Offset+1)
	}
	offsets := make([]kafka.TopicPartition, 0, len(next))
	for partition, offset := range next {
		offsets = append(offsets, kafka.TopicPartition{Topic: &w.options.Topic, Partition: partition, Offset: offset})
	}
	if _, err := w.consumer.CommitOffsets(offsets); err != nil {
		w.logger.Warn("offsets not committed: these records will come again", "error", err)
	}
}

func numbers(partitions []kafka.TopicPartition) string {
	list := make([]int32, len(partitions))
	for i, p := range partitions {
		list[i] = p.Partition
	}
	return fmt.Sprint(list)
}
