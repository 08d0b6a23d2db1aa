package kafka

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/status"
)

// Recent returns the last n records of each partition, newest first, without their texts.
func Recent(ctx context.Context, o Options, n int64) ([]status.LogRecord, error) {
	var list []status.LogRecord
	for record, err := range readTopic(ctx, o, reading{
		topic:   o.Topic,
		timeout: stateTimeout,
		within:  func(low, high int64) (first, end int64, ok bool) { return max(low, high-n), math.MaxInt64, true },
		config:  kafka.ConfigMap{"auto.offset.reset": "earliest"},
	}) {
		if err != nil {
			return nil, err
		}
		list = append(list, withoutText(record))
	}

	slices.SortStableFunc(list, func(a, b status.LogRecord) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Offset, a.Offset))
	})
	return list, nil
}

func withoutText(m *kafka.Message) status.LogRecord {
	r := status.LogRecord{
		Partition: m.TopicPartition.Partition,
		Offset:    int64(m.TopicPartition.Offset),
		Bytes:     len(m.Value),
		At:        m.Timestamp,
		Replays:   header(m, headerReplays),
	}
	var ids struct {
		ID           uuid.UUID `json:"id"`
		Conversation uuid.UUID `json:"conversation_id"`
	}
	if json.Unmarshal(m.Value, &ids) == nil && ids.ID != uuid.Nil {
		r.MessageID, r.ConversationID = ids.ID.String(), ids.Conversation.String()
	}
	return r
}
