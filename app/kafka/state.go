package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/status"
)

// stateTimeout bounds each call to the brokers that operators wait for.
const stateTimeout = 1500 * time.Millisecond

// State asks the brokers how the log and its writers are. It changes nothing.
func State(ctx context.Context, o Options) (status.KafkaState, error) {
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		return status.KafkaState{}, err
	}
	defer admin.Close()
	meta, err := admin.GetMetadata(&o.Topic, false, int(stateTimeout.Milliseconds()))
	if err != nil {
		return status.KafkaState{}, err
	}
	s := status.KafkaState{Topic: o.Topic, Group: o.Group}
	for _, b := range meta.Brokers {
		s.Brokers = append(s.Brokers, net.JoinHostPort(b.Host, strconv.Itoa(b.Port)))
	}
	slices.Sort(s.Brokers)
	for _, p := range meta.Topics[o.Topic].Partitions {
		s.ReplicationFactor = max(s.ReplicationFactor, len(p.Replicas))
		s.Partitions = append(s.Partitions, status.LogPartition{Number: p.ID, InSync: len(p.Isrs)})
	}
	slices.SortFunc(s.Partitions, func(a, b status.LogPartition) int { return int(a.Number - b.Number) })
	if len(s.Partitions) == 0 {
		return status.KafkaState{}, fmt.Errorf("there is no topic %s", o.Topic)
	}
	for _, ask := range []func(context.Context, *kafka.AdminClient, Options, *status.KafkaState) error{places, members, topicSettings} {
		if err := ask(ctx, admin, o, &s); err != nil {
			return status.KafkaState{}, err
		}
	}
	return s, nil
}

func places(ctx context.Context, admin *kafka.AdminClient, o Options, s *status.KafkaState) error {
	asker, err := newAsker(o)
	if err != nil {
		return err
	}
	defer asker.Close()
	spans, err := spansOf(ctx, admin, asker, o)
	if err != nil {
		return err
	}
	for i := range s.Partitions {
		p := &s.Partitions[i]
		at := spans[p.Number]
		p.First, p.Committed, p.End = at.first, at.next, at.end
	}
	return nil
}

func members(ctx context.Context, admin *kafka.AdminClient, o Options, s *status.KafkaState) error {
	result, err := admin.DescribeConsumerGroups(ctx, []string{o.Group})
	if err != nil {
		return err
	}
	for _, g := range result.ConsumerGroupDescriptions {
		s.GroupState = g.State.String()
		for _, m := range g.Members {
			member := status.GroupMember{Name: m.ConsumerID, Host: m.Host}
			for _, p := range m.Assignment.TopicPartitions {
				member.Partitions = append(member.Partitions, p.Partition)
				for i := range s.Partitions {
					if s.Partitions[i].Number == p.Partition {
						s.Partitions[i].Writer = m.ConsumerID
					}
				}
			}
			slices.Sort(member.Partitions)
			s.Members = append(s.Members, member)
		}
	}
	slices.SortFunc(s.Members, func(a, b status.GroupMember) int { return slices.Compare(a.Partitions, b.Partitions) })
	return nil
}

func topicSettings(ctx context.Context, admin *kafka.AdminClient, o Options, s *status.KafkaState) error {
	results, err := admin.DescribeConfigs(ctx, []kafka.ConfigResource{{Type: kafka.ResourceTopic, Name: o.Topic}})
	if err != nil {
		return err
	}
	for _, r := range results {
		s.MinInSync = r.Config["min.insync.replicas"].Value
		if ms, err := strconv.ParseInt(r.Config["retention.ms"].Value, 10, 64); err == nil {
			s.Retention = time.Duration(ms) * time.Millisecond
		}
	}
	return nil
}

// Recent reads the last records of each partition, at most n of each, newest first: what they are, not what they say.
func Recent(ctx context.Context, o Options, n int64) ([]status.LogRecord, error) {
	c, err := kafka.NewConsumer(with(base(o), kafka.ConfigMap{
		"group.id": o.Group + "-reader", "enable.auto.commit": false, "enable.auto.offset.store": false, "enable.partition.eof": true,
		"auto.offset.reset": "earliest", "fetch.wait.max.ms": 50,
	}))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	meta, err := c.GetMetadata(&o.Topic, false, int(stateTimeout.Milliseconds()))
	if err != nil {
		return nil, err
	}
	var from []kafka.TopicPartition
	for _, p := range meta.Topics[o.Topic].Partitions {
		low, high, err := c.QueryWatermarkOffsets(o.Topic, p.ID, int(stateTimeout.Milliseconds()))
		if err != nil {
			return nil, err
		}
		from = append(from, kafka.TopicPartition{Topic: &o.Topic, Partition: p.ID, Offset: kafka.Offset(max(low, high-n))})
	}
	if err := c.Assign(from); err != nil {
		return nil, err
	}
	var records []status.LogRecord
	for open := len(from); open > 0; {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		switch e := c.Poll(int(pollInterval.Milliseconds())).(type) {
		case *kafka.Message:
			if e.TopicPartition.Error != nil {
				return nil, e.TopicPartition.Error
			}
			records = append(records, withoutText(e))
		case kafka.PartitionEOF:
			open--
		case kafka.Error:
			if e.IsFatal() || e.Code() == kafka.ErrAllBrokersDown {
				return nil, errors.New("the log doesn't answer")
			}
		}
	}
	slices.SortStableFunc(records, func(a, b status.LogRecord) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return int(b.Offset - a.Offset)
	})
	return records, nil
}

func withoutText(m *kafka.Message) status.LogRecord {
	r := status.LogRecord{
		Partition: m.TopicPartition.Partition, Offset: int64(m.TopicPartition.Offset), Bytes: len(m.Value), At: m.Timestamp, Replays: header(m, headerReplays),
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

// Shown is a dead letter as operators see it, with its text only if they asked for that.
func (d DeadLetter) Shown(withText bool) status.DeadLetter {
	s := status.DeadLetter{ID: d.ID, Origin: d.Origin, State: d.State, Reason: d.Reason, BuriedAt: d.BuriedAt, Bytes: len(d.Value)}
	text := string(d.Value)
	if m, ok := d.Message(); ok {
		s.MessageID, s.ConversationID, s.SenderID, s.SentAt = m.ID.String(), m.ConversationID.String(), m.Sender.ID.String(), m.SentAt.String()
		text = m.Body
	}
	if withText {
		s.Text = text
	}
	return s
}
