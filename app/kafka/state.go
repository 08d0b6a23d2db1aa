package kafka

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/status"
)

// stateTimeout bounds each request to the brokers that operators wait for.
const stateTimeout = 1500 * time.Millisecond

// State requests the state of the brokers, the topic and the consumer group.
func State(ctx context.Context, o Options) (s status.KafkaState, err error) {
	err = withOffsetClient(o, func(admin *kafka.AdminClient, offsets *kafka.Consumer) error {
		s, err = state(ctx, admin, offsets, o)
		return err
	})
	return s, err
}

func state(
	ctx context.Context, admin *kafka.AdminClient, offsets *kafka.Consumer, o Options,
) (status.KafkaState, error) {
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

	ranges, err := offsetRanges(ctx, admin, offsets, o)
	if err != nil {
		return status.KafkaState{}, err
	}
	for i := range s.Partitions {
		p := &s.Partitions[i]
		r := ranges[p.Number]
		p.First, p.Committed, p.End = r.first, r.next, r.end
	}

	if err := addMembers(ctx, admin, o, &s); err != nil {
		return status.KafkaState{}, err
	}
	if err := addTopicSettings(ctx, admin, o, &s); err != nil {
		return status.KafkaState{}, err
	}
	return s, nil
}

func addMembers(ctx context.Context, admin *kafka.AdminClient, o Options, s *status.KafkaState) error {
	group, err := describeGroup(ctx, admin, o.Group)
	if err != nil {
		return err
	}

	writers := map[int32]string{}
	s.GroupState = group.State.String()
	for _, m := range group.Members {
		member := status.GroupMember{Name: m.ConsumerID, Host: m.Host}
		for _, p := range m.Assignment.TopicPartitions {
			member.Partitions = append(member.Partitions, p.Partition)
			writers[p.Partition] = m.ConsumerID
		}
		slices.Sort(member.Partitions)
		s.Members = append(s.Members, member)
	}

	for i, p := range s.Partitions {
		s.Partitions[i].Writer = writers[p.Number]
	}
	slices.SortFunc(s.Members, func(a, b status.GroupMember) int { return slices.Compare(a.Partitions, b.Partitions) })
	return nil
}

func addTopicSettings(ctx context.Context, admin *kafka.AdminClient, o Options, s *status.KafkaState) error {
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
