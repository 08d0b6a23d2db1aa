package kafka

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Headers of a dead letter. Its key and value are the record's own.
const (
	headerReason         = "reason"
	headerPartition      = "partition"
	headerOffset         = "offset"
	headerDeadLetteredAt = "dead_lettered_at"
	headerCut            = "cut" // only of a record that was too large: how many bytes it had
)

// cutBytes is how much is kept of a record that the topic of dead letters does not accept.
const cutBytes = 1 << 10

// headerReplays is the header of a record of the log that was a dead letter: the dead letter's
// ID.
const headerReplays = "replays"

// Headers of a resolution: a record without a value in the topic of dead letters, which says
// that one of them was replayed or discarded. Resolutions are kept in the same topic, so that
// they need no database and no restored backup of one can disagree with them.
const (
	headerResolves   = "settles" // the dead letter's ID
	headerResolution = "how"     // its new state
)

// deadLetter appends a record to the topic of dead letters, and returns once it is durable
// there. If the process dies before it commits the record's offset, the record is appended
// again, with the same partition and offset in its headers.
func (p *Producer) deadLetter(ctx context.Context, m *kafka.Message, reason string) error {
	headers := map[string]string{
		headerReason:         reason,
		headerPartition:      strconv.Itoa(int(m.TopicPartition.Partition)),
		headerOffset:         strconv.FormatInt(int64(m.TopicPartition.Offset), 10),
		headerDeadLetteredAt: time.Now().UTC().Format(time.RFC3339),
	}
	err := p.appendTo(ctx, p.options.DeadTopic, m.Key, m.Value, headers)
	if isRefusedRecord(err) && len(m.Value) > cutBytes {
		// Otherwise the writer would wait for ever. The log has the whole record for its
		// retention.
		headers[headerCut] = strconv.Itoa(len(m.Value))
		err = p.appendTo(ctx, p.options.DeadTopic, m.Key, m.Value[:cutBytes], headers)
	}
	return err
}

var (
	// ErrUnreadable means that only a later release can store a dead letter.
	ErrUnreadable = errors.New("this release can't read the record: do it with the release that wrote it")
	// ErrReadable means that the writers store a record, or dead-letter it, by themselves.
	ErrReadable = errors.New("the writers can read this record: only one at which a partition is paused may be buried")
	// ErrNoRecord means that the log has no record at an offset.
	ErrNoRecord = errors.New("the log has no record there")
)

// DeadLetterHeld dead-letters a record that writers hold, so that its partition is
// read on behind it, also after a rewind. It is idempotent.
func (p *Producer) DeadLetterHeld(ctx context.Context, partition int32, offset int64) error {
	timed, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	for r, err := range readTopic(timed, p.options, oneRecord(p.options.Topic, partition, offset)) {
		if err != nil {
			return err
		}
		if int64(r.TopicPartition.Offset) != offset {
			break
		}
		reason := heldFor(p.options, r)
		if reason == nil {
			return ErrReadable
		}
		return p.deadLetter(ctx, r, reason.Error())
	}
	return ErrNoRecord
}

// Replay appends the record of a dead letter to the log again, unchanged, then marks the dead
// letter as replayed. Replay is idempotent: the message keeps its ids, so that a message that
// is stored already is recognised as a duplicate.
func (p *Producer) Replay(ctx context.Context, d DeadLetter) error {
	if _, err := decode(d.Value, 0); isNewer(err) {
		return ErrUnreadable
	}
	if err := p.appendTo(ctx, p.options.Topic, d.Key, d.Value, map[string]string{headerReplays: d.ID}); err != nil {
		return err
	}
	return p.resolve(ctx, d, StateReplayed)
}

// Discard marks a dead letter as discarded. The topic keeps its record.
func (p *Producer) Discard(ctx context.Context, d DeadLetter) error {
	return p.resolve(ctx, d, StateDiscarded)
}

func (p *Producer) resolve(ctx context.Context, d DeadLetter, state string) error {
	return p.appendTo(ctx, p.options.DeadTopic, d.Key, nil, map[string]string{
		headerResolves:   d.ID,
		headerResolution: state,
	})
}

// appendTo appends a record to a topic, whether the breaker is open or not.
func (p *Producer) appendTo(ctx context.Context, topic string, key, value []byte, headers map[string]string) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()

	m := &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny},
		Key:            key,
		Value:          value,
	}
	for k, v := range headers {
		m.Headers = append(m.Headers, kafka.Header{Key: k, Value: []byte(v)})
	}

	_, err := p.produce(ctx, m)
	if errors.Is(err, errNoOffset) {
		return nil // the topic has it
	}
	return err
}
