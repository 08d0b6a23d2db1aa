package kafka

import (
	"errors"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// commitRetryDelay is the wait before a failed offset commit is retried while no newer batch
// has committed past it.
const commitRetryDelay = time.Second

// committer commits the group's offsets. Failed commits stay pending: the broker refuses
// commits during a rebalance, and a partition that stays assigned may never receive a record
// again whose commit would include the failed one. Not safe for concurrent use.
type committer struct {
	topic   string
	id      func() string // of this installation, the offsets' metadata; "": unknown
	logger  *slog.Logger
	commit  func([]kafka.TopicPartition) ([]kafka.TopicPartition, error)
	pending map[int32]position
	retryAt time.Time

	// revocations counts how often each partition was taken away.
	revocations map[int32]int
}

// position is the offset to commit for a partition, and the number of its revocations when the
// record before was read.
type position struct {
	next        kafka.Offset
	revocations int
}

// commitBatch commits the offsets of b, together with those that are pending.
func (c *committer) commitBatch(b *Batch) {
	for _, r := range b.records {
		partition := r.TopicPartition.Partition
		// The last record of the log counts, even if its offset is smaller than a pending one:
		// the topic was recreated.
		c.pending[partition] = position{r.TopicPartition.Offset + 1, b.revocations[partition]}
	}
	c.commitPending()
}

// commitPending commits the pending offsets. It drops those of partitions that were revoked
// since: the broker accepts a commit from any member, so this one would move the group back
// behind the commits of the partition's new consumer. The new consumer reads those records
// again and recognises them as duplicates.
func (c *committer) commitPending() {
	var offsets []kafka.TopicPartition
	var metadata *string
	if id := c.id(); id != "" {
		metadata = &id
	}
	for partition, p := range c.pending {
		if p.revocations != c.revocations[partition] {
			delete(c.pending, partition)
			continue
		}
		offsets = append(offsets, kafka.TopicPartition{
			Topic:     &c.topic,
			Partition: partition,
			Offset:    p.next,
			Metadata:  metadata,
		})
	}
	if len(offsets) == 0 {
		return
	}

	answer, err := c.commit(offsets)
	if isTopicGone(err) {
		clear(c.pending)
	}
	for _, tp := range answer {
		if tp.Error == nil || isTopicGone(tp.Error) {
			delete(c.pending, tp.Partition)
		}
		err = errors.Join(err, tp.Error)
	}

	if err != nil {
		c.retryAt = time.Now().Add(commitRetryDelay)
		c.logger.Warn("offset commit failed", "partitions", partitionNumbers(offsets), "error", err)
	}
}

// retryDue reports whether failed commits should be retried now.
func (c *committer) retryDue() bool { return len(c.pending) > 0 && !time.Now().Before(c.retryAt) }

// isTopicGone reports whether err says that the topic does not exist. Its offsets must not be
// committed later, because they would skip records of a topic that was created again.
func isTopicGone(err error) bool {
	code := errorCode(err)
	return code == kafka.ErrUnknownTopicOrPart || code == kafka.ErrUnknownTopic
}
