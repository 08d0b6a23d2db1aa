package kafka

import (
	"errors"
	"slices"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/test/wait"
)

var (
	errRebalancing = kafka.NewError(kafka.ErrRebalanceInProgress, "Broker: Group rebalance in progress", false)
	errTopicGone   = kafka.NewError(kafka.ErrUnknownTopicOrPart, "Broker: Unknown topic or partition", false)
)

type (
	partitionList = []kafka.TopicPartition
	commitFunc    func(partitionList) (partitionList, error)
)

// commitReturning is a commit that a broker answers with an error for the whole request, or
// for each partition.
func commitReturning(whole, each error) commitFunc {
	return func(request partitionList) (answer partitionList, err error) {
		if whole != nil {
			return nil, whole
		}
		for _, tp := range request {
			tp.Error = each
			answer = append(answer, tp)
		}
		return answer, nil
	}
}

// TestARefusedCommitIsRetriedInASilentLog: the broker refuses each partition's first commit,
// as during a rebalance. No record follows, and yet the group's offsets reach the log's end.
func TestARefusedCommitIsRetriedInASilentLog(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]commitFunc{
		"whole request":  commitReturning(errRebalancing, nil),
		"each partition": commitReturning(nil, errRebalancing),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newLog(t)
			p, s := newProducer(t, o), &memoryStore{}
			c := newWriter(o, s, p)
			var refused []int32
			c.commitOffsets = func(client *kafka.Consumer, request partitionList) (partitionList, error) {
				for _, tp := range request {
					if !slices.Contains(refused, tp.Partition) {
						refused = append(refused, tp.Partition)
						return refuse(request)
					}
				}
				return client.CommitOffsets(request)
			}
			run(t, c)
			appendConcurrently(t, p, 30)
			waitCommitted(t, o, 30)
		})
	}
}

// TestPendingCommits: an offset stays pending until it is committed, its partition is revoked,
// or its topic is gone, where it would skip records of a topic that is created again.
func TestPendingCommits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		commit      commitFunc
		revocations int // of partition 1
		want        int
	}{
		{"committed", commitReturning(nil, nil), 0, 0},
		{"request refused", commitReturning(errRebalancing, nil), 0, 2},
		{"partitions refused", commitReturning(nil, errRebalancing), 0, 2},
		{"topic gone for the request", commitReturning(errTopicGone, nil), 0, 0},
		{"topic gone for each partition", commitReturning(nil, errTopicGone), 0, 0},
		{"one partition revoked", commitReturning(errRebalancing, nil), 1, 1},
	} {
		offsets := &committer{
			topic:       Topic,
			id:          Options{}.installation,
			logger:      quiet,
			commit:      c.commit,
			pending:     map[int32]position{0: {next: 7}, 1: {next: 9}},
			revocations: map[int32]int{1: c.revocations},
		}
		if offsets.commitPending(); len(offsets.pending) != c.want {
			t.Errorf("%s: %v are pending, want %d", c.name, offsets.pending, c.want)
		}
	}
}

// TestAnUnansweredCommitDoesNotBlockTheEnd, as when the brokers are down. A second client does
// not start beside one that is still closing.
func TestAnUnansweredCommitDoesNotBlockTheEnd(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p, s := newProducer(t, o), &memoryStore{}
	c := newWriter(o, s, p)
	requested, answer := make(chan struct{}, 100), make(chan struct{})
	c.commitOffsets = func(client *kafka.Consumer, request partitionList) (partitionList, error) {
		requested <- struct{}{}
		<-answer
		return client.CommitOffsets(request)
	}

	stop := run(t, c)
	for n := range 2 { // the second batch waits for the first one's commit
		mustAppend(t, p, message(uuid.New(), "kept"))
		wait.Until(t, "the message is stored", s.has(n+1))
	}
	<-requested
	stop()
	if err := c.Run(ctx); !errors.Is(err, errStillClosing) {
		t.Errorf("Run beside a client that is closing: %v", err)
	}

	close(answer)
	<-c.closed
	if n := committed(t, o); n != 1 {
		t.Errorf("%d records are committed; want the first batch's, whose answer was late, without the second's", n)
	}
}
