package kafka

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// newAsker is a consumer that is never one: it joins no group, and only asks for the group's place. An AdminClient could ask too, but its
// ListConsumerGroupOffsets ends the whole process when the answer is that another broker coordinates the group, as it is while brokers start or change
// (confluentinc/librdkafka#5040).
func newAsker(o Options) (*kafka.Consumer, error) {
	return kafka.NewConsumer(with(base(o), kafka.ConfigMap{"group.id": o.Group, "enable.auto.commit": false, "enable.auto.offset.store": false}))
}

// groupPlace is the group's place in some of the topic's partitions: the next records that it will store. Partitions where it has none yet are left out.
func committedOffsets(ctx context.Context, asker *kafka.Consumer, o Options, partitions []int32) (map[int32]kafka.Offset, error) {
	for asker.Poll(0) != nil { // what it has to tell of its connections would pile up
	}
	ask := make([]kafka.TopicPartition, len(partitions))
	for i, p := range partitions {
		ask[i] = kafka.TopicPartition{Topic: &o.Topic, Partition: p}
	}
	within := deliveryTimeout
	if deadline, ok := ctx.Deadline(); ok {
		within = max(time.Millisecond, time.Until(deadline))
	}
	answer, err := asker.Committed(ask, int(within.Milliseconds()))
	if err != nil {
		return nil, err
	}
	places := map[int32]kafka.Offset{}
	for _, p := range answer {
		if p.Error != nil {
			return nil, p.Error
		}
		if p.Offset >= 0 {
			places[p.Partition] = p.Offset
		}
	}
	return places, nil
}
