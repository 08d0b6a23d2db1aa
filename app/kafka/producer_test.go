package kafka

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parley/app/chat"
)

func TestAppendFailsAtOnceWhileTheLogIsDown(t *testing.T) {
	t.Parallel()
	p := startProducer(t, Options{Brokers: "127.0.0.1:1", Topic: Topic}, quiet)
	if _, err := p.Append(ctx, message(uuid.New(), "hi")); err == nil || errors.Is(err, chat.ErrUnknownOutcome) {
		t.Errorf("got %v; want an error after which the log certainly lacks the message", err)
	}
}

// TestAnAcknowledgementWithoutAnOffset: a broker that already has a record reports no offset.
// Other brokers do so when the leadership moves, this one does each time. The outcome of a
// message is unknown then, because no other message could wait behind it, although the log
// answers. A dead letter needs no offset.
func TestAnAcknowledgementWithoutAnOffset(t *testing.T) {
	t.Parallel()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, Topic, DeadTopic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	broker.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
		broker.KeepControl()
		return duplicateSequence(request.(*kmsg.ProduceRequest)), nil, true
	})

	p := newProducer(t, Options{
		Brokers:           broker.ListenAddrs()[0],
		Topic:             Topic,
		DeadTopic:         DeadTopic,
		Group:             Group,
		Partitions:        3,
		ReplicationFactor: 1,
	})
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	if offset, err := p.Append(ctx, message(uuid.New(), "where am I?")); !errors.Is(err, chat.ErrUnknownOutcome) {
		t.Errorf("Append returned offset %d, %v; want an unknown outcome", offset, err)
	}
	if !p.Up() {
		t.Error("the log counts as down")
	}
	if err := p.appendTo(ctx, DeadTopic, []byte("key"), []byte("value"), nil); err != nil {
		t.Errorf("a dead letter was not appended: %v", err)
	}
}

// duplicateSequence is the response of a broker that has all records of the request already.
func duplicateSequence(request *kmsg.ProduceRequest) *kmsg.ProduceResponse {
	response := request.ResponseKind().(*kmsg.ProduceResponse)
	for _, topic := range request.Topics {
		t := kmsg.NewProduceResponseTopic()
		t.Topic, t.TopicID = topic.Topic, topic.TopicID
		for _, partition := range topic.Partitions {
			p := kmsg.NewProduceResponseTopicPartition()
			p.Partition, p.ErrorCode, p.BaseOffset = partition.Partition, kerr.DuplicateSequenceNumber.Code, -1
			t.Partitions = append(t.Partitions, p)
		}
		response.Topics = append(response.Topics, t)
	}
	return response
}
