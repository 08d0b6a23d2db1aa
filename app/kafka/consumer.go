package kafka

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/chat"
)

// Handler processes the batches that a Consumer reads. For each batch the consumer calls
// Prepare, Store and Publish, and then commits the batch's offsets. Store and Publish run in
// goroutines beside the polling; Publish of one batch may run beside Store of the next. All
// other methods run in the consumer's goroutine.
type Handler interface {
	// MaxBatch is the largest number of records in a batch.
	MaxBatch() int
	// Prepare waits until b may be stored, and processes records that are not messages. It
	// returns false if ctx ended first.
	Prepare(ctx context.Context, b *Batch, retry Retry) bool
	// Store makes one attempt to store b.
	Store(ctx context.Context, b *Batch) ([]chat.StoredConversation, error)
	// Publish publishes the result of a successful Store.
	Publish(ctx context.Context, b *Batch, stored []chat.StoredConversation)
	// StoreWithRetry stores and publishes a batch whose Store failed. It returns false if ctx
	// ended first.
	StoreWithRetry(ctx context.Context, b *Batch, retry Retry) bool

	// Forget is called between two calls of Store after partitions were assigned or revoked:
	// other consumers may have stored messages meanwhile, so that cached state is outdated.
	Forget()
	// Assigned receives the number of partitions that the consumer has now.
	Assigned(partitions int)
	// TopicMissing receives an error that says that a topic does not exist.
	TopicMissing(err error)
}

// Retry calls attempt until it succeeds. After each failure it waits, 100 ms at first and at
// most 5 s. Meanwhile the consumer's partitions are paused, and it polls so that it stays a
// member of its group. It returns false when ctx ended or the consumer failed. Only the
// consumer's goroutine may call it.
type Retry func(ctx context.Context, operation string, attempt func() error) bool

// Consumer reads the log as a member of the consumer group, hands batches to its handler and
// commits their offsets. A batch is delivered again if the process dies before the commit, so
// the handler must recognise duplicates.
type Consumer struct {
	options Options
	handler Handler
	logger  *slog.Logger
	errors  errorLog
	topic   topicWatcher
	closed  <-chan struct{} // closed when the previous Run's client is closed

	// commitOffsets is CommitOffsets of librdkafka's client. Tests replace it, to refuse
	// commits as a broker does.
	commitOffsets func(*kafka.Consumer, []kafka.TopicPartition) ([]kafka.TopicPartition, error)
}

const (
	// maxPollGap is 10 s more than the longest time that storing a batch may take
	// (postgres.Writer).
	maxPollGap   = 25 * time.Second
	pollInterval = 100 * time.Millisecond

	// closeTimeout bounds leaving the group, because librdkafka waits for the answer as long
	// as the brokers are down.
	closeTimeout = 8 * time.Second
)

var errStillClosing = errors.New("the previous consumer is still closing")

// NewConsumer returns a consumer of o.Topic in o.Group. It connects when Run is called.
func NewConsumer(o Options, handler Handler, logger *slog.Logger) *Consumer {
	closed := make(chan struct{})
	close(closed)
	return &Consumer{
		options:       o,
		handler:       handler,
		logger:        logger,
		errors:        errorLog{},
		topic:         newTopicWatcher(),
		closed:        closed,
		commitOffsets: (*kafka.Consumer).CommitOffsets,
	}
}

// Run consumes until ctx ends, then leaves the group. A batch under way is finished, or
// abandoned without a commit. An error means that the consumer failed, or that a new one is
// needed: Run may be called again.
func (c *Consumer) Run(ctx context.Context) error {
	select {
	case <-c.closed:
	default:
		return errStillClosing
	}

	client, err := kafka.NewConsumer(groupConfig(c.options))
	if err != nil {
		return err
	}
	s := newSession(c, client, ctx.Done())
	defer c.close(s)

	stop, err := s.watch(ctx)
	if err != nil {
		return err
	}
	defer stop()

	if err := client.Subscribe(c.options.Topic, s.rebalance); err != nil {
		return err
	}
	return s.process(ctx)
}

func groupConfig(o Options) *kafka.ConfigMap {
	return clientConfig(o, kafka.ConfigMap{
		"group.id":                      o.Group,
		"partition.assignment.strategy": "cooperative-sticky",
		"enable.auto.commit":            false,
		"enable.auto.offset.store":      false,
		"auto.offset.reset":             "earliest",
		"session.timeout.ms":            10_000,
		"heartbeat.interval.ms":         2_000,

		// A member that does not take part in a rebalance can stop the others from reading for
		// this long. Between two polls lies at most one batch.
		"max.poll.interval.ms":       int(maxPollGap.Milliseconds()),
		"queued.max.messages.kbytes": 16_384,

		// The pause between fetches once the queue is full. The default of 1 s lets the queue
		// run empty.
		"fetch.queue.backoff.ms": 50,

		// The broker collects records for a moment, because a fetch costs it more than a
		// single record does.
		"fetch.min.bytes":   32 << 10,
		"fetch.wait.max.ms": 50,
	})
}

// close leaves the group once the last batch is published and committed, and returns after at
// most closeTimeout. The group removes a consumer that could not leave after its session
// timeout.
func (c *Consumer) close(s *session) {
	closed := make(chan struct{})
	c.closed = closed
	go func() {
		defer close(closed)
		s.finisher.waitDone()
		s.client.Close()
	}()

	select {
	case <-closed:
	case <-time.After(closeTimeout):
		c.logger.Warn("leaving the consumer group timed out", "timeout_seconds", closeTimeout)
	}
	c.handler.Assigned(0)
}
