package kafka

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/chat"
)

// Headers of a dead letter; its key and value are the record's own.
const (
	headerReason    = "reason"
	headerPartition = "partition"
	headerOffset    = "offset"
	headerBuriedAt  = "buried_at"
)

// headerReplays is the id of the dead letter that a record of the log puts back.
const headerReplays = "replays"

// Headers of a mark, a record without a value in the topic of dead letters, which says that one is settled. A mark is kept where the letters are: it
// needs no database, and no restored backup of one can disagree with it.
const (
	headerSettles = "settles"
	headerHow     = "how"
)

// What has become of a dead letter.
const (
	LetterWaits     = "waiting"
	LetterReplayed  = "replayed"
	LetterDiscarded = "discarded"
)

// DeadLetter is a record that couldn't be stored.
type DeadLetter struct {
	ID       string // partition-offset in the topic of dead letters
	Origin   string // the same in the log
	Reason   string
	BuriedAt string // RFC 3339
	State    string
	Key      []byte
	Value    []byte
}

// Message reads a dead letter. ok tells whether it names a message; whose text may break the rules.
func (d DeadLetter) Message() (m chat.Message, ok bool) {
	m, err := decode(d.Value, 0)
	return m, m.ID != uuid.Nil && (err == nil || isContent(err))
}

// bury appends a record to the topic of dead letters, and returns once it is durable there. Buried twice (the writer died
// before it committed), it is there twice, with the same partition and offset.
func (p *Producer) bury(ctx context.Context, m *kafka.Message, reason string) error {
	return p.appendDead(ctx, m.Key, m.Value, map[string]string{
		headerReason:    reason,
		headerPartition: strconv.Itoa(int(m.TopicPartition.Partition)),
		headerOffset:    strconv.FormatInt(int64(m.TopicPartition.Offset), 10),
		headerBuriedAt:  time.Now().UTC().Format(time.RFC3339),
	})
}

func (p *Producer) appendDead(ctx context.Context, key, value []byte, headers map[string]string) error {
	return p.appendTo(ctx, &p.options.DeadTopic, key, value, headers)
}

func (p *Producer) appendTo(ctx context.Context, topic *string, key, value []byte, headers map[string]string) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	m := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: topic, Partition: kafka.PartitionAny}, Key: key, Value: value}
	for k, v := range headers {
		m.Headers = append(m.Headers, kafka.Header{Key: k, Value: []byte(v)})
	}
	_, err := p.produce(ctx, m)
	if errors.Is(err, errPlaceless) {
		return nil // it is there
	}
	return err
}

// Replay puts a dead letter back into the log, as it was, then marks it. The ids in it are the same, so that a message which is stored already is
// dropped as known, and doing it again changes nothing.
func (p *Producer) Replay(ctx context.Context, d DeadLetter) error {
	if err := p.appendTo(ctx, &p.options.Topic, d.Key, d.Value, map[string]string{headerReplays: d.ID}); err != nil {
		return err
	}
	return p.settle(ctx, d, LetterReplayed)
}

// Discard marks a dead letter as one that nobody wants. The topic keeps it.
func (p *Producer) Discard(ctx context.Context, d DeadLetter) error {
	return p.settle(ctx, d, LetterDiscarded)
}

func (p *Producer) settle(ctx context.Context, d DeadLetter, how string) error {
	return p.appendDead(ctx, d.Key, nil, map[string]string{headerSettles: d.ID, headerHow: how})
}

// DeadLetters reads the whole topic of them, oldest first: each once, however often it was buried. It joins no group and commits nothing.
func DeadLetters(ctx context.Context, o Options) ([]DeadLetter, error) {
	records, err := readAll(ctx, o, o.DeadTopic)
	if err != nil {
		return nil, err
	}
	var letters []DeadLetter
	first := map[string]string{} // the letter that a record is, by id
	byOrigin := map[string]string{}
	var marks []*kafka.Message
	for _, m := range records {
		id := place(int(m.TopicPartition.Partition), int64(m.TopicPartition.Offset))
		if header(m, headerSettles) != "" {
			marks = append(marks, m)
			continue
		}
		origin := header(m, headerPartition) + "-" + header(m, headerOffset)
		same := fmt.Sprintf("%s %x", origin, sha256.Sum256(m.Value)) // a log that was made anew has the same places with other records
		if known, ok := byOrigin[same]; ok {
			first[id] = known
			continue
		}
		byOrigin[same], first[id] = id, id
		letters = append(letters, DeadLetter{
			ID: id, Origin: origin, Reason: header(m, headerReason), BuriedAt: header(m, headerBuriedAt), State: LetterWaits, Key: m.Key, Value: m.Value,
		})
	}
	settled := map[string]string{}
	for _, m := range marks {
		settled[first[header(m, headerSettles)]] = header(m, headerHow)
	}
	for i, d := range letters {
		if how, ok := settled[d.ID]; ok {
			letters[i].State = how
		}
	}
	return letters, nil
}

func place(partition int, offset int64) string { return fmt.Sprintf("%d-%d", partition, offset) }

func header(m *kafka.Message, name string) string {
	for _, h := range m.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

// readAll reads a topic from its start to what is its end now, each partition in order. A topic that isn't there is empty.
func readAll(ctx context.Context, o Options, topic string) ([]*kafka.Message, error) {
	c, err := kafka.NewConsumer(with(base(o), kafka.ConfigMap{
		"group.id":           o.Group + "-reader", // librdkafka wants a name; partitions are assigned by hand, so that no group is joined
		"enable.auto.commit": false, "enable.auto.offset.store": false, "enable.partition.eof": true,
		"fetch.wait.max.ms": 50, // an end is told when a fetch comes back empty
	}))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	meta, err := c.GetMetadata(&topic, false, int(deliveryTimeout.Milliseconds()))
	if err != nil {
		return nil, err
	}
	var from []kafka.TopicPartition
	for _, p := range meta.Topics[topic].Partitions {
		from = append(from, kafka.TopicPartition{Topic: &topic, Partition: p.ID, Offset: kafka.OffsetBeginning})
	}
	if err := c.Assign(from); err != nil {
		return nil, err
	}
	var records []*kafka.Message
	for open := len(from); open > 0; {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("the topic %s can't be read to its end: %w", topic, ctx.Err())
		}
		switch e := c.Poll(int(pollInterval.Milliseconds())).(type) {
		case *kafka.Message:
			if err := e.TopicPartition.Error; err != nil {
				return nil, err
			}
			records = append(records, e)
		case kafka.PartitionEOF:
			open--
		case kafka.Error:
			if e.IsFatal() || e.Code() == kafka.ErrAllBrokersDown {
				return nil, errors.New("the log doesn't answer")
			}
		}
	}
	slices.SortStableFunc(records, func(a, b *kafka.Message) int { return int(a.TopicPartition.Partition - b.TopicPartition.Partition) })
	return records, nil
}
