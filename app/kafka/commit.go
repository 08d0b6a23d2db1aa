package kafka

import (
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// commitRetryDelay is how long the writer waits with what the broker wouldn't commit, when no later record commits for it.
const commitRetryDelay = time.Second

// reached is the next record of a partition that is not done with, and how often the partition had been taken away when the one before was read.
type reached struct {
	offset kafka.Offset
	taken  int
}

// commit commits a batch's place, with what is due since an earlier one failed: the broker refuses while the group changes, and a partition that stays this
// writer's may be silent for ever after.
func (w *Writer) commit(b *batch) {
	for _, m := range b.records {
		p := m.TopicPartition.Partition
		w.due[p] = reached{m.TopicPartition.Offset + 1, b.taken[p]} // in the order of the log: a later batch knows better, even where it says less
	}
	w.settle()
}

// settle commits what is due. A partition that was taken away since is left out: the broker takes a commit from any member, and ours would take back what
// the new one has committed. It will find those records known.
func (w *Writer) settle() {
	var offsets []kafka.TopicPartition
	for partition, due := range w.due {
		if due.taken != w.taken[partition] {
			delete(w.due, partition)
			continue
		}
		offsets = append(offsets, kafka.TopicPartition{Topic: &w.options.Topic, Partition: partition, Offset: due.offset})
	}
	if len(offsets) == 0 {
		return
	}
	answer, err := w.commitTo(w.consumer, offsets)
	if isGone(err) {
		clear(w.due)
	}
	for _, tp := range answer {
		if tp.Error == nil || isGone(tp.Error) {
			delete(w.due, tp.Partition)
		}
		err = errors.Join(err, tp.Error)
	}
	if err != nil {
		w.again = time.Now().Add(commitRetryDelay)
		w.logger.Warn("offsets not committed yet", "partitions", numbers(offsets), "error", err)
	}
}

// isGone: there is no such topic any more. One that is made again begins anew, where an old place would skip records.
func isGone(err error) bool {
	var answer kafka.Error
	return errors.As(err, &answer) && (answer.Code() == kafka.ErrUnknownTopicOrPart || answer.Code() == kafka.ErrUnknownTopic)
}

// settleLater settles in a silent log, beside the polling.
func (w *Writer) settleLater() {
	select {
	case <-w.finished:
	default:
		return
	}
	if len(w.due) == 0 || time.Now().Before(w.again) {
		return
	}
	done := make(chan struct{})
	w.finished = done
	go func() { defer close(done); w.settle() }()
}
