package kafka

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/chat"
)

// Location is where a message's record is in the log. It never holds the message's text.
type Location struct {
	Partition      int32
	Offset         int64
	At             time.Time // the record's timestamp
	Replica        string    // the replica that appended it; "": the record does not say
	Trace          string    // the record's traceparent, or ""
	ConversationID uuid.UUID
	SenderID       uuid.UUID
	SentAt         chat.Timestamp
}

// Locate searches the record of a message at an offset in each partition. ok is false if there
// is none: the topic was created again, or its retention has ended.
func Locate(ctx context.Context, o Options, message uuid.UUID, offset int64) (found Location, ok bool, err error) {
	records := readTopic(ctx, o, reading{
		topic:   o.Topic,
		timeout: probeTimeout,
		within: func(low, high int64) (first, end int64, ok bool) {
			// librdkafka needs a second to find out that an offset is out of range.
			return offset, offset + 1, low <= offset && offset < high
		},
		config: kafka.ConfigMap{
			"auto.offset.reset":   "latest", // an offset that was deleted meanwhile is an end
			"queued.min.messages": 1,
		},
	})
	for record, err := range records {
		if err != nil {
			return found, false, err
		}
		m, err := decode(record.Value, offset)
		if m.ID == message && (err == nil || isContent(err)) {
			return Location{
				Partition:      record.TopicPartition.Partition,
				Offset:         offset,
				At:             record.Timestamp.UTC(),
				Replica:        header(record, headerReplica),
				Trace:          header(record, headerTrace),
				ConversationID: m.ConversationID,
				SenderID:       m.Sender.ID,
				SentAt:         m.SentAt,
			}, true, nil
		}
	}
	return found, false, nil
}
