package kafka

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/loop"
)

// heldInterval is how often a writer that holds records checks whether they are dead letters.
const heldInterval = 2 * time.Second

// heldRecords are records that this writer must not store, one for each paused partition: those of
// a newer release, whose writers can read them, and those of another installation that uses the
// same topic by mistake. Once an operator has dead-lettered a held record, its partition is read
// from the next record on. Safe for concurrent use.
type heldRecords struct {
	mu     sync.Mutex
	list   map[int32]*kafka.Message
	added  chan struct{}       // a record was added since the last check
	passed chan *kafka.Message // records that are dead letters now
}

func newHeldRecords() *heldRecords {
	return &heldRecords{
		list:   map[int32]*kafka.Message{},
		added:  make(chan struct{}, 1),
		passed: make(chan *kafka.Message),
	}
}

func (h *heldRecords) add(r *kafka.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list[r.TopicPartition.Partition] = r
	select {
	case h.added <- struct{}{}:
	default:
	}
}

// remove reports whether a record of the partition was held.
func (h *heldRecords) remove(partition int32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, held := h.list[partition]
	delete(h.list, partition)
	return held
}

func (h *heldRecords) holds(partition int32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.list[partition] != nil
}

func (h *heldRecords) all() map[int32]*kafka.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.list)
}

// watch sends held records that are dead letters to passed, until ctx ends.
func (h *heldRecords) watch(ctx context.Context, o Options) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.added:
		}
		// An operator decides within minutes or hours. The topic of dead letters is small.
		for held := h.all(); len(held) > 0 && ctx.Err() == nil; held = h.all() {
			h.pass(ctx, o, held)
			loop.Sleep(ctx, heldInterval)
		}
	}
}

func (h *heldRecords) pass(ctx context.Context, o Options, held map[int32]*kafka.Message) {
	timed, cancel := context.WithTimeout(ctx, deadLettersTimeout)
	defer cancel()
	letters, err := DeadLetters(timed, o)
	if err != nil {
		return // the next check may succeed
	}
	for _, r := range held {
		for _, d := range letters {
			if !d.isOf(r) {
				continue
			}
			select {
			case h.passed <- r:
			case <-ctx.Done():
			}
			break
		}
	}
}

// heldFor returns why a writer must not store a record, or nil.
func heldFor(o Options, r *kafka.Message) error {
	if err := o.checkOrigin(r); err != nil {
		return err
	}
	if _, err := decode(r.Value, 0); isNewer(err) {
		return err
	}
	return nil
}

// add adds a record to the batch, or holds it and pauses its partition.
func (s *session) add(b *Batch, r *kafka.Message) {
	partition, offset := r.TopicPartition.Partition, r.TopicPartition.Offset
	if s.held.holds(partition) {
		return // it was on its way when the partition was paused, and is delivered again
	}
	if pass, ok := s.passing[partition]; ok && pass == offset {
		delete(s.passing, partition)
		b.addPassed(r, s.committer.revocations)
		return
	}

	err := s.options.checkOrigin(r)
	if err == nil {
		err = b.add(r, s.committer.revocations)
	}
	if err == nil {
		return
	}
	s.logger.Error("partition paused at a record that is not for this writer: parley check says what to do",
		"partition", partition, "offset", int64(offset), "error", err)
	s.held.add(r)
	if err := s.client.Pause([]kafka.TopicPartition{r.TopicPartition}); err != nil {
		s.failed = err
	}
}

// passHeld resumes a partition behind a held record that is a dead letter now. The record is
// delivered again, so that its offset is committed in order.
func (s *session) passHeld(r *kafka.Message) {
	tp := r.TopicPartition
	if !s.held.remove(tp.Partition) {
		return // the partition was revoked
	}
	s.logger.Info("partition resumed behind a dead letter", "partition", tp.Partition, "offset", int64(tp.Offset))
	s.passing[tp.Partition] = tp.Offset
	if !s.paused {
		if err := s.client.Resume([]kafka.TopicPartition{tp}); err != nil {
			s.failed = err
		}
	}
	s.seekBack(r)
}
