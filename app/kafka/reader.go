package kafka

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// reading selects the records that readTopic reads.
type reading struct {
	topic   string
	timeout time.Duration // of each request for the topic's partitions and their offsets

	// within returns the offsets to read of a partition whose records have the offsets from
	// low to before high: from first to before end. ok is false if there are none. nil: all
	// records.
	within func(low, high int64) (first, end int64, ok bool)

	// at are offsets: of each of these partitions the record at its offset is read, or the first
	// one after it. nil: all partitions.
	at map[int32]int64

	config kafka.ConfigMap // settings of the client, in addition
}

// firstRecord is the end of a partition of which one record is read, whatever its offset.
const firstRecord = -1

// readTopic reads the selected records up to the present end of each partition; each
// partition's are in order. A topic that does not exist has no records. The reader joins no
// group and commits nothing. An error is the last element.
func readTopic(ctx context.Context, o Options, r reading) iter.Seq2[*kafka.Message, error] {
	return func(yield func(*kafka.Message, error) bool) {
		if err := r.read(ctx, o, func(m *kafka.Message) bool { return yield(m, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

// read calls visit for each record until it returns false.
func (r reading) read(ctx context.Context, o Options, visit func(*kafka.Message) bool) error {
	config := clientConfig(o, kafka.ConfigMap{
		"group.id":                 o.Group + "-reader", // librdkafka requires a name, even if no group is joined
		"enable.auto.commit":       false,
		"enable.auto.offset.store": false,
		"enable.partition.eof":     true,
		"fetch.wait.max.ms":        50, // an empty fetch marks the end
	})
	for name, value := range r.config {
		(*config)[name] = value
	}
	client, err := kafka.NewConsumer(config)
	if err != nil {
		return err
	}
	defer client.Close()

	from, ends, err := r.partitions(client)
	if err != nil {
		return err
	}
	if err := client.Assign(from); err != nil {
		return err
	}

	for len(ends) > 0 {
		if ctx.Err() != nil {
			return fmt.Errorf("reading topic %s: %w", r.topic, ctx.Err())
		}
		record, err := pollRecord(client, ends)
		if err != nil {
			return err
		}
		if record != nil && !visit(record) {
			return nil
		}
	}
	return nil
}

// pollRecord returns the next selected record, or nil if there is none yet. It removes partitions
// that are read from ends.
func pollRecord(client *kafka.Consumer, ends map[int32]int64) (*kafka.Message, error) {
	switch e := client.Poll(int(pollInterval.Milliseconds())).(type) {
	case *kafka.Message:
		partition, offset := e.TopicPartition.Partition, int64(e.TopicPartition.Offset)
		end, open := ends[partition]
		if offset >= end-1 {
			delete(ends, partition)
		}
		if open && (offset < end || end == firstRecord) {
			return e, e.TopicPartition.Error
		}
	case kafka.PartitionEOF:
		delete(ends, e.Partition)
	case kafka.Error:
		if e.IsFatal() || e.Code() == kafka.ErrAllBrokersDown {
			return nil, errors.New("the log doesn't answer")
		}
	}
	return nil, nil
}

// partitions returns where to start in each partition that has selected records, and the
// offset before which to end.
func (r reading) partitions(client *kafka.Consumer) (from []kafka.TopicPartition, ends map[int32]int64, err error) {
	ends = map[int32]int64{}
	if r.at != nil {
		for partition, offset := range r.at {
			ends[partition] = firstRecord
			from = append(from, r.start(partition, offset))
		}
		return from, ends, nil
	}

	timeoutMs := int(r.timeout.Milliseconds())
	meta, err := client.GetMetadata(&r.topic, false, timeoutMs)
	if err != nil {
		return nil, nil, err
	}

	for _, p := range meta.Topics[r.topic].Partitions {
		first, end, ok := int64(kafka.OffsetBeginning), int64(math.MaxInt64), true
		if r.within != nil {
			low, high, err := client.QueryWatermarkOffsets(r.topic, p.ID, timeoutMs)
			if err != nil {
				return nil, nil, err
			}
			first, end, ok = r.within(low, high)
		}
		if ok {
			ends[p.ID] = end
			from = append(from, r.start(p.ID, first))
		}
	}
	return from, ends, nil
}

// oneRecord selects the record at an offset, or the first one after it.
func oneRecord(topic string, partition int32, offset int64) reading {
	return oldestRecords(topic, map[int32]int64{partition: offset})
}

// oldestRecords selects the record at an offset of each partition, or the first one after it.
func oldestRecords(topic string, offsets map[int32]int64) reading {
	return reading{
		topic:   topic,
		timeout: stateTimeout,
		at:      offsets,
		config:  kafka.ConfigMap{"auto.offset.reset": "earliest", "queued.min.messages": 1},
	}
}

func (r reading) start(partition int32, offset int64) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: &r.topic, Partition: partition, Offset: kafka.Offset(offset)}
}

// header returns the value of a record's header, or "".
func header(m *kafka.Message, name string) string {
	for _, h := range m.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}
