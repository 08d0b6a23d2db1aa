package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/chat"
)

// Found is a message's record, without what it says.
type Location struct {
	Partition      int32
	Offset         int64
	At             time.Time // the record's own
	Replica        string    // that appended it; "": it doesn't tell
	Trace          string    // the traceparent that it carries, or ""
	ConversationID uuid.UUID
	SenderID       uuid.UUID
	SentAt         chat.Timestamp
}

// Find looks for a message's record at an offset, in each partition. ok is false when there is none of it: the log was made anew, or has dropped it. It
// joins no group.
func Locate(ctx context.Context, o Options, message uuid.UUID, offset int64) (found Location, ok bool, err error) {
	c, err := kafka.NewConsumer(with(base(o), kafka.ConfigMap{
		"group.id": o.Group + "-reader", "enable.auto.commit": false, "enable.auto.offset.store": false, "enable.partition.eof": true,
		"auto.offset.reset": "latest", "queued.min.messages": 1, "fetch.wait.max.ms": 50, // an offset that isn't there any more, or not yet, is an end
	}))
	if err != nil {
		return found, false, err
	}
	defer c.Close()
	meta, err := c.GetMetadata(&o.Topic, false, int(probeTimeout.Milliseconds()))
	if err != nil {
		return found, false, err
	}
	open := map[int32]bool{}
	var from []kafka.TopicPartition
	for _, p := range meta.Topics[o.Topic].Partitions {
		low, high, err := c.QueryWatermarkOffsets(o.Topic, p.ID, int(probeTimeout.Milliseconds()))
		if err != nil {
			return found, false, err
		}
		if offset < low || offset >= high { // librdkafka takes a second to find that out by itself
			continue
		}
		open[p.ID] = true
		from = append(from, kafka.TopicPartition{Topic: &o.Topic, Partition: p.ID, Offset: kafka.Offset(offset)})
	}
	if err := c.Assign(from); err != nil {
		return found, false, err
	}
	for len(open) > 0 {
		if ctx.Err() != nil {
			return found, false, ctx.Err()
		}
		switch e := c.Poll(int(pollInterval.Milliseconds())).(type) {
		case *kafka.Message:
			m, err := decode(e.Value, int64(e.TopicPartition.Offset))
			if int64(e.TopicPartition.Offset) == offset && (err == nil || isContent(err)) && m.ID == message {
				return Location{
					Partition: e.TopicPartition.Partition, Offset: offset, At: e.Timestamp.UTC(), Replica: header(e, headerReplica), Trace: header(e, headerTrace),
					ConversationID: m.ConversationID, SenderID: m.Sender.ID, SentAt: m.SentAt,
				}, true, nil
			}
			delete(open, e.TopicPartition.Partition)
		case kafka.PartitionEOF:
			delete(open, e.Partition)
		case kafka.Error:
			if e.IsFatal() || e.Code() == kafka.ErrAllBrokersDown {
				return found, false, errors.New("the log doesn't answer")
			}
		}
	}
	return found, false, nil
}
