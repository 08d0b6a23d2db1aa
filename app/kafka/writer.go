package kafka

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"parley/app/chat"
)

// BatchStore stores a batch in one transaction (store.Writer). An error that wraps chat.ErrContent is final for its messages.
type BatchStore interface {
	StoreBatch(ctx context.Context, messages []chat.Message) ([]chat.StoredConversation, error)
	Forget()
}

// Returner gives messages that can't be stored back to their senders (chat.Service).
type Returner interface {
	// ReturnMessage answers an error when it should be tried again; it changes nothing twice.
	ReturnMessage(ctx context.Context, m chat.Message, cause error) error
	// StoredAfterAll takes back that they were returned.
	StoredAfterAll(ctx context.Context, ids []uuid.UUID)
}

// Announcer publishes what was stored and takes it from the tails (live.Bus).
type Announcer interface {
	Stored(ctx context.Context, batch []chat.StoredConversation)
}

// Watch hears of the writer's work. Its methods return at once, and are safe for concurrent use.
type Observer interface {
	// Stored hears of messages that one transaction stored or found stored.
	Stored(messages []chat.Message, stored []chat.StoredConversation, began, ended time.Time)
	// Buried hears of a dead letter.
	DeadLettered()
	// Assigned hears how many partitions the writer has now.
	Assigned(partitions int)
}

// Writer moves the log into the store. For each batch, in this order: one transaction, `stored` and the tails, the offsets. Whatever it
// dies between is delivered again, and found known. What the store refuses for its content is buried, then returned to its sender, before its offset is
// committed; delivered again it is buried twice and returned once.
type Writer struct {
	options  Options
	store    BatchStore
	bus      Announcer
	returner Returner
	dead     *Producer
	rows     *rate.Limiter
	most     int // rows of a batch
	logger   *slog.Logger
	consumer *kafka.Consumer
	closed   <-chan struct{} // closed when the consumer of the Run before is
	paused   bool            // this and the next three are of the goroutine that polls
	assigned map[int32]bool
	fatal    error                                                                         // the consumer can't go on
	forget   bool                                                                          // partitions moved: others may have written since
	taken    map[int32]int                                                                 // how often a partition was taken away
	ending   <-chan struct{}                                                               // closed when Run is to end
	finished <-chan struct{}                                                               // closed when the last batch is announced and committed; who closes it has the next two until then
	due      map[int32]reached                                                             // not committed yet
	again    time.Time                                                                     // when to commit it again
	commitTo func(*kafka.Consumer, []kafka.TopicPartition) ([]kafka.TopicPartition, error) // CommitOffsets, but for tests, which refuse as the broker does
	said     map[kafka.ErrorCode]*rate.Sometimes                                           // errors since the last record
	watch    Observer                                                                      // nil: nobody's
	topic    topicWatcher
	stale    chan error // tells the goroutine that polls that another consumer is needed
	anew     time.Time  // until then partitions are read from the start
}

// Observe has watch hear of the work. Not to be called once Run was.
func (w *Writer) Observe(watch Observer) { w.watch = watch }

const (
	batchRows = 4000
	// longestPause is ten seconds more than what a batch may take (store.Writer).
	longestPause = 25 * time.Second
	pollInterval = 100 * time.Millisecond
	gatherFor    = 5 * time.Millisecond // a transaction for one record costs as much as one for fifty; nobody sees the difference
	retryFirst   = 100 * time.Millisecond
	maxRetry     = 5 * time.Second
	sayInterval  = time.Minute
)

// NewWriter makes a writer; rowsPerSecond caps it (0: no cap). Dead letters leave by way of dead.
func NewWriter(o Options, store BatchStore, bus Announcer, returner Returner, dead *Producer, rowsPerSecond int, logger *slog.Logger) *Writer {
	w := &Writer{options: o, store: store, bus: bus, returner: returner, dead: dead, most: batchRows, logger: logger, said: map[kafka.ErrorCode]*rate.Sometimes{}, commitTo: (*kafka.Consumer).CommitOffsets, topic: newTopicWatcher()}
	closed := make(chan struct{})
	close(closed)
	w.closed = closed
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
	select {
	case <-w.closed:
	default:
		return errClosing
	}
	consumer, err := kafka.NewConsumer(with(base(w.options), kafka.ConfigMap{
		"group.id": w.options.Group, "partition.assignment.strategy": "cooperative-sticky",
		"enable.auto.commit": false, "enable.auto.offset.store": false, "auto.offset.reset": "earliest",
		"session.timeout.ms": 10_000, "heartbeat.interval.ms": 2_000,
		// It is also for how long one writer that doesn't come to a rebalance can keep the others from reading. Between two polls lies a batch at most.
		"max.poll.interval.ms":       int(longestPause.Milliseconds()),
		"queued.max.messages.kbytes": 16_384,
		// Once so much is fetched ahead the next fetch waits; for a second, unless told otherwise, by which time a full topic's writer has nothing left.
		"fetch.queue.backoff.ms": 50,
		// A fetch for every record costs the broker more than the record did: it collects for a moment.
		"fetch.min.bytes": 32 << 10, "fetch.wait.max.ms": 50,
	}))
	if err != nil {
		return err
	}
	w.consumer, w.paused, w.fatal, w.assigned = consumer, false, nil, map[int32]bool{}
	w.taken, w.due = map[int32]int{}, map[int32]reached{}
	idle := make(chan struct{})
	close(idle)
	w.finished, w.ending = idle, ctx.Done()
	defer w.close(consumer)
	unfollow, err := w.follow(ctx, consumer)
	if err != nil {
		return err
	}
	defer unfollow()
	if err := consumer.Subscribe(w.options.Topic, w.rebalance); err != nil {
		return err
	}
	var b *batch
	for ctx.Err() == nil && w.fatal == nil {
		if b == nil {
			if b = w.gather(ctx, pollInterval, nil); b == nil {
				w.settleLater()
			}
			continue
		}
		if !w.admit(ctx, b) {
			break
		}
		// The next batch is read while this one is stored; it waits, uncommitted, until this one is done with.
		done := w.begin(ctx, b)
		next := w.gather(ctx, time.Millisecond, done)
		w.finish(ctx, b, <-done)
		b = next
	}
	return w.fatal
}

// follow has the goroutine that polls told when consumer won't do any more, until its answer is called.
func (w *Writer) follow(ctx context.Context, consumer *kafka.Consumer) (unfollow func(), err error) {
	admin, err := kafka.NewAdminClientFromConsumer(consumer)
	if err != nil {
		return nil, err
	}
	w.stale, w.anew = make(chan error, 1), w.topic.since.Add(anewFor)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := w.topic.follow(ctx, topicID(admin, w.options.Topic)); err != nil {
			w.stale <- err
		}
	}()
	return func() {
		cancel()
		<-ended
		admin.Close()
	}, nil
}

// How long an end waits for a commit under way, and for the leaving of the group: librdkafka waits for the answers as long as the brokers are away.
const (
	lastMoment   = time.Second
	closeTimeout = 8 * time.Second
)

var errClosing = errors.New("the consumer before is still closing")

// close leaves the group once the last batch is announced and committed. A group that isn't left does without this consumer after its session's timeout.
func (w *Writer) close(consumer *kafka.Consumer) {
	closed := make(chan struct{})
	w.closed = closed
	go func() {
		defer close(closed)
		<-w.finished
		consumer.Close()
	}()
	select {
	case <-closed:
	case <-time.After(closeTimeout):
		w.logger.Warn("the group isn’t left: the brokers don’t answer", "after", closeTimeout)
	}
	if w.watch != nil {
		w.watch.Assigned(0)
	}
}

// gather waits for a record, then a moment for others, up to a batch. With a store under way it waits for a record as long as that takes.
func (w *Writer) gather(ctx context.Context, wait time.Duration, storing <-chan attempt) *batch {
	first := w.poll(wait)
	for first == nil && storing != nil && len(storing) == 0 && ctx.Err() == nil {
		first = w.poll(wait)
	}
	if first == nil {
		return nil
	}
	b := &batch{}
	b.add(first, w.taken)
	for until := time.Now().Add(gatherFor); len(b.records) < w.most && ctx.Err() == nil; {
		m := w.poll(0)
		if left := time.Until(until); m == nil && left >= time.Millisecond {
			m = w.poll(left)
		}
		if m == nil {
			break
		}
		b.add(m, w.taken)
	}
	return b
}

// begin makes the first attempt to store a batch, beside the polling. The answer's channel has room, so that it never waits.
func (w *Writer) begin(ctx context.Context, b *batch) <-chan attempt {
	if w.forget {
		w.store.Forget()
		w.forget = false
	}
	done := make(chan attempt, 1)
	if len(b.entries) == 0 {
		done <- attempt{}
		return done
	}
	go func() { done <- w.try(ctx, b.messages()) }()
	return done
}

// try makes one attempt.
func (w *Writer) try(ctx context.Context, messages []chat.Message) attempt {
	began := time.Now()
	stored, err := w.store.StoreBatch(ctx, messages)
	if err == nil && w.watch != nil {
		w.watch.Stored(messages, stored, began, time.Now())
	}
	return attempt{stored, err}
}

// finish announces and commits what the first attempt stored, beside the next store but after the batch before. What it didn't store is tried until it
// is, polling meanwhile.
func (w *Writer) finish(ctx context.Context, b *batch, first attempt) {
	if !w.awaitFinished() {
		return
	}
	if first.err != nil {
		if w.persist(ctx, b.entries) {
			w.commit(b)
		}
		return
	}
	done := make(chan struct{})
	w.finished = done
	go func() {
		defer close(done)
		w.announce(ctx, b.entries, first.stored)
		w.commit(b)
	}()
}

// awaitFinished waits for the batch before; when Run is to end, for a moment only, and answers false after it: brokers that are away answer a commit when they are
// back.
func (w *Writer) awaitFinished() bool {
	select {
	case <-w.finished:
		return true
	case <-w.ending:
	}
	select {
	case <-w.finished:
		return true
	case <-time.After(lastMoment):
		return false
	}
}

// announce tells that entries are stored; of dead letters that were put back, that they aren't returned any more.
func (w *Writer) announce(ctx context.Context, entries []entry, stored []chat.StoredConversation) {
	if ids := replayed(entries); len(ids) > 0 {
		w.returner.StoredAfterAll(ctx, ids)
	}
	w.bus.Stored(ctx, stored)
}

// admit waits for the batch's turn and buries what is no message; one of a newer release holds the writer up until it is replaced. It answers false when ctx
// ended first.
func (w *Writer) admit(ctx context.Context, b *batch) bool {
	if w.rows != nil {
		if err := w.rows.WaitN(ctx, len(b.records)); err != nil {
			return false
		}
	}
	for _, r := range b.refused {
		if isNewer(r.err) {
			w.logger.Error("a record is of a newer release: this writer waits to be replaced", "partition", r.record.TopicPartition.Partition, "offset", r.record.TopicPartition.Offset)
			return w.retry(ctx, "newer record", func() error { return r.err })
		}
		if !w.refuse(ctx, r.record, r.message, r.err) {
			return false
		}
	}
	return true
}

// persist stores entries, halving a batch that fails for its content until the bad record stands alone. It answers false when ctx ended first.
func (w *Writer) persist(ctx context.Context, entries []entry) bool {
	if ctx.Err() != nil {
		return false
	}
	if len(entries) == 0 {
		return true
	}
	messages := (&batch{entries: entries}).messages()
	var stored []chat.StoredConversation
	var refused error
	ok := w.retry(ctx, "store", func() (err error) {
		a := w.try(ctx, messages)
		if stored, err = a.stored, a.err; isContent(err) {
			refused, err = err, nil
		}
		return err
	})
	switch {
	case !ok:
		return false
	case refused == nil:
		w.announce(ctx, entries, stored)
		return true
	case len(entries) == 1:
		return w.refuse(ctx, entries[0].record, entries[0].message, refused)
	}
	half := len(entries) / 2
	return w.persist(ctx, entries[:half]) && w.persist(ctx, entries[half:])
}

// refuse buries a record that can't be stored, then returns its message, if it is one. It answers false when ctx ended first.
func (w *Writer) refuse(ctx context.Context, r *kafka.Message, m chat.Message, reason error) bool {
	if !w.bury(ctx, r, reason.Error()) {
		return false
	}
	return m.ID == uuid.Nil || w.retry(ctx, "return", func() error { return w.returner.ReturnMessage(ctx, m, reason) })
}

func (w *Writer) bury(ctx context.Context, r *kafka.Message, reason string) bool {
	w.logger.Error("dead letter", "partition", r.TopicPartition.Partition, "offset", r.TopicPartition.Offset, "reason", reason)
	if !w.retry(ctx, "dead letter", func() error { return w.dead.bury(ctx, r, reason) }) {
		return false
	}
	if w.watch != nil {
		w.watch.DeadLettered()
	}
	return true
}

// retry tries for ever with backoff, polling meanwhile so that the group keeps this consumer; all partitions are paused, so that polling
// brings no records. It answers false when ctx ended first.
func (w *Writer) retry(ctx context.Context, what string, try func() error) bool {
	for wait := retryFirst; ; wait = min(2*wait, maxRetry) {
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
			if m := w.poll(min(wait, pollInterval)); m != nil {
				w.rewind(m)
			}
		}
	}
}
