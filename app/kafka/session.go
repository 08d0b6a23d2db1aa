package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/chat"
)

// gatherPeriod is how long a batch collects records after its first one. A transaction for one
// record costs as much as one for fifty, and nobody notices the delay.
const gatherPeriod = 5 * time.Millisecond

// session is one membership in the consumer group: one Run of a Consumer. Its methods run in
// Run's goroutine, which polls. Only rebalance also runs while the client is closed, after
// Run's last poll.
type session struct {
	*Consumer
	client     *kafka.Consumer
	paused     bool
	assigned   map[int32]bool
	held       *heldRecords
	passing    map[int32]kafka.Offset // held records that are dead letters and will be delivered again
	rebalanced bool                   // partitions were assigned or revoked since the handler's last Forget
	failed     error                  // the client cannot be used any more
	replace    chan error             // receives why a new client is needed
	committer  committer
	finisher   finisher

	// readFromStartUntil is when assigned partitions are no longer read from their start. The
	// topic was recreated before.
	readFromStartUntil time.Time
}

func newSession(c *Consumer, client *kafka.Consumer, ending <-chan struct{}) *session {
	return &session{
		Consumer: c,
		client:   client,
		assigned: map[int32]bool{},
		held:     newHeldRecords(),
		passing:  map[int32]kafka.Offset{},
		replace:  make(chan error, 1),
		finisher: newFinisher(ending),
		committer: committer{
			topic:  c.options.Topic,
			id:     c.options.installation,
			logger: c.logger,
			commit: func(offsets []kafka.TopicPartition) ([]kafka.TopicPartition, error) {
				return c.commitOffsets(client, offsets)
			},
			pending:     map[int32]position{},
			revocations: map[int32]int{},
		},
		readFromStartUntil: c.topic.recreatedAt.Add(readFromStartPeriod),
	}
}

// watch watches the topic's identity and the held records until stop is called. poll receives
// the reason when a new client is needed, and the held records that are dead letters.
func (s *session) watch(ctx context.Context) (stop func(), err error) {
	admin, err := kafka.NewAdminClientFromConsumer(s.client)
	if err != nil {
		return nil, err
	}

	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		if err := s.topic.watch(ctx, describeTopic(admin, s.options.Topic)); err != nil {
			s.replace <- err
		}
	})
	watching.Go(func() { s.held.watch(ctx, s.options) })

	return func() {
		cancel()
		watching.Wait()
		admin.Close()
	}, nil
}

// attempt is the result of one call of Handler.Store.
type attempt struct {
	stored []chat.StoredConversation
	err    error
}

// process reads and stores batches until ctx ends or the client fails.
func (s *session) process(ctx context.Context) error {
	var b *Batch
	for ctx.Err() == nil && s.failed == nil {
		if b == nil {
			if b = s.gather(ctx, pollInterval, nil); b == nil {
				s.retryCommit()
			}
			continue
		}

		if !s.handler.Prepare(ctx, b, s.retry) {
			break
		}

		// The next batch is read while this one is stored. It waits, uncommitted, until this
		// one is finished.
		done := s.startStore(ctx, b)
		next := s.gather(ctx, time.Millisecond, done)
		s.finish(ctx, b, <-done)
		b = next
	}
	return s.failed
}

// gather waits for a record, then for gatherPeriod for more, up to the handler's limit. While
// a batch is being stored, it waits for the first record as long as that takes.
func (s *session) gather(ctx context.Context, timeout time.Duration, storing <-chan attempt) *Batch {
	first := s.poll(timeout)
	for first == nil && storing != nil && len(storing) == 0 && ctx.Err() == nil {
		first = s.poll(timeout)
	}
	if first == nil {
		return nil
	}

	b := &Batch{}
	s.add(b, first)
	for until := time.Now().Add(gatherPeriod); len(b.records) < s.handler.MaxBatch() && ctx.Err() == nil; {
		r := s.poll(0)
		if left := time.Until(until); r == nil && left >= time.Millisecond {
			r = s.poll(left)
		}
		if r == nil {
			break
		}
		s.add(b, r)
	}
	if len(b.records) == 0 {
		return nil
	}
	return b
}

// startStore makes the first attempt to store b, in a goroutine beside the polling. The
// channel is buffered, so that the goroutine never blocks.
func (s *session) startStore(ctx context.Context, b *Batch) <-chan attempt {
	if s.rebalanced {
		s.handler.Forget()
		s.rebalanced = false
	}

	done := make(chan attempt, 1)
	go func() {
		stored, err := s.handler.Store(ctx, b)
		done <- attempt{stored, err}
	}()
	return done
}

// finish publishes and commits b after a successful first attempt, beside the next batch's
// Store but after the previous batch is finished. After a failed attempt it retries, polling
// meanwhile.
func (s *session) finish(ctx context.Context, b *Batch, first attempt) {
	if !s.finisher.wait() {
		return
	}

	if first.err != nil {
		if s.handler.StoreWithRetry(ctx, b, s.retry) {
			s.committer.commitBatch(b)
		}
		return
	}

	s.finisher.start(func() {
		s.handler.Publish(ctx, b, first.stored)
		s.committer.commitBatch(b)
	})
}

// retryCommit retries failed commits while the log is silent, beside the polling.
func (s *session) retryCommit() {
	if s.finisher.idle() && s.committer.retryDue() {
		s.finisher.start(s.committer.commitPending)
	}
}
