package kafka

import (
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// rebalance follows the group's changes of the assignment. It must not request the assignment
// from the client: a client that is being closed never answers (confluentinc/librdkafka#4041).
func (s *session) rebalance(client *kafka.Consumer, event kafka.Event) error {
	s.rebalanced = true
	switch e := event.(type) {
	case kafka.AssignedPartitions:
		return s.assign(client, e.Partitions)
	case kafka.RevokedPartitions:
		return s.revoke(client, e.Partitions)
	}
	return nil
}

// assign adds partitions. Partitions that are assigned during a pause are paused too.
func (s *session) assign(client *kafka.Consumer, partitions []kafka.TopicPartition) error {
	s.logger.Info("partitions assigned", "partitions", partitionNumbers(partitions))

	// The group's committed offsets may be offsets of the topic before its recreation.
	if time.Now().Before(s.readFromStartUntil) {
		for i := range partitions {
			partitions[i].Offset = kafka.OffsetBeginning
		}
	}

	if err := client.IncrementalAssign(partitions); err != nil {
		return err
	}
	for _, tp := range partitions {
		s.assigned[tp.Partition] = true
	}
	s.handler.Assigned(len(s.assigned))
	if s.paused {
		return client.Pause(partitions)
	}
	return nil
}

// revoke removes partitions. A commit under way is finished before, while the partitions are
// still this consumer's.
func (s *session) revoke(client *kafka.Consumer, partitions []kafka.TopicPartition) error {
	s.logger.Info("partitions revoked",
		"partitions", partitionNumbers(partitions), "lost", client.AssignmentLost())

	finished := s.finisher.wait()
	for _, tp := range partitions {
		delete(s.assigned, tp.Partition)
		delete(s.passing, tp.Partition)
		s.held.remove(tp.Partition)
		// Otherwise the commit under way still reads revocations, and no batch will be read
		// any more.
		if finished {
			s.committer.revocations[tp.Partition]++
		}
	}
	s.handler.Assigned(len(s.assigned))
	return client.IncrementalUnassign(partitions)
}

// partitionNumbers returns the partitions for a log message.
func partitionNumbers(partitions []kafka.TopicPartition) []int32 {
	numbers := make([]int32, len(partitions))
	for i, p := range partitions {
		numbers[i] = p.Partition
	}
	return numbers
}
