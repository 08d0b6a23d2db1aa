package messagelog

import (
	"context"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Headers of a dead letter; its key and value are the record's own.
const (
	headerReason    = "reason"
	headerPartition = "partition"
	headerOffset    = "offset"
	headerBuriedAt  = "buried_at"
)

// bury appends a record to the topic of dead letters, and returns once it is durable there. Buried twice (the writer died
// before it committed), it is there twice, with the same partition and offset.
func (p *Producer) bury(ctx context.Context, m *kafka.Message, reason string) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	_, err := p.produce(ctx, &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &p.options.DeadTopic, Partition: kafka.PartitionAny},
		Key:            m.Key, Value: m.Value,
		Headers: []kafka.Header{
			{Key: headerReason, Value: []byte(reason)},
			{Key: headerPartition, Value: strconv.AppendInt(nil, int64(m.TopicPartition.Partition), 10)},
			{Key: headerOffset, Value: strconv.AppendInt(nil, int64(m.TopicPartition.Offset), 10)},
			{Key: headerBuriedAt, Value: []byte(time.Now().UTC().Format(time.RFC3339))},
		},
	})
	return err
}
