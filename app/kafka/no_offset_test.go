package kafka

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parley/app/chat"
	"parley/test/wait"
)

// TestAnAcknowledgementWithoutAPlace: a broker that has the record already tells no offset; what other brokers do when leadership moves, this one does each time.
// For a message it is none that others could wait behind, though the log answers; a dead letter needs no place.
func TestAnAcknowledgementWithoutAPlace(t *testing.T) {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, Topic, DeadTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	broker.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
		broker.KeepControl()
		asked := request.(*kmsg.ProduceRequest)
		answer := asked.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range asked.Topics {
			t := kmsg.NewProduceResponseTopic()
			t.Topic, t.TopicID = topic.Topic, topic.TopicID
			for _, partition := range topic.Partitions {
				p := kmsg.NewProduceResponseTopicPartition()
				p.Partition, p.ErrorCode, p.BaseOffset = partition.Partition, kerr.DuplicateSequenceNumber.Code, -1
				t.Partitions = append(t.Partitions, p)
			}
			answer.Topics = append(answer.Topics, t)
		}
		return answer, nil, true
	})
	p, err := NewProducer(Options{Brokers: broker.ListenAddrs()[0], Topic: Topic, DeadTopic: DeadTopic, Group: Group, Partitions: 3, ReplicationFactor: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	wait.Until(t, "the log answers", p.Up)
	ctx, cancel := context.WithTimeout(context.Background(), deliveryTimeout)
	defer cancel()
	if offset, err := p.Append(ctx, message(uuid.New(), "where am I?")); !errors.Is(err, chat.ErrUnknownOutcome) {
		t.Errorf("it is acknowledged at %d, %v", offset, err)
	}
	if !p.Up() {
		t.Error("and the log counts as away")
	}
	if err := p.appendDead(ctx, []byte("key"), []byte("value"), nil); err != nil {
		t.Errorf("a dead letter: %v", err)
	}
}
