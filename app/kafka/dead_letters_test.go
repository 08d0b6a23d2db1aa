package kafka

import (
	"slices"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"
)

func deadLetters(t *testing.T, o Options) []DeadLetter {
	t.Helper()
	list, err := DeadLetters(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func statesOf(list []DeadLetter) (states []string) {
	for _, d := range list {
		states = append(states, d.State)
	}
	return states
}

// TestARecordIsListedOnce: however often it was dead-lettered, before or after its resolution.
func TestARecordIsListedOnce(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	if got := deadLetters(t, o); len(got) != 0 {
		t.Fatalf("an empty topic has %+v", got)
	}
	deadLetter := func(partition int32, offset kafka.Offset, value string) {
		t.Helper()
		err := p.deadLetter(ctx, &kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &o.Topic, Partition: partition, Offset: offset},
			Key:            []byte("k"),
			Value:          []byte(value),
		}, "because")
		if err != nil {
			t.Fatal(err)
		}
	}

	deadLetter(1, 7, "one")
	deadLetter(1, 8, "two")
	deadLetter(1, 7, "one")
	deadLetter(1, 7, "of a topic that was created again")
	list := deadLetters(t, o)
	if len(list) != 3 || list[0].ID != "0-0" || list[1].ID != "0-1" || list[2].ID != "0-3" {
		t.Fatalf("the list is %+v", list)
	}
	if d := list[0]; d.Origin != "1-7" || d.Reason != "because" || d.DeadLetteredAt == "" || string(d.Value) != "one" {
		t.Fatalf("the first dead letter is %+v", d)
	}

	if err := p.Discard(ctx, list[0]); err != nil {
		t.Fatal(err)
	}
	deadLetter(1, 7, "one")
	want := []string{StateDiscarded, StateWaiting, StateWaiting}
	if got := statesOf(deadLetters(t, o)); !slices.Equal(got, want) {
		t.Errorf("the states are %v, want %v", got, want)
	}
	if n := committed(t, o); n != 0 {
		t.Errorf("reading committed %d records", n)
	}
}

// TestAReplayedDeadLetterIsStored as the message that it was; replayed twice, it is stored
// once. If it fails again, it is another dead letter.
func TestAReplayedDeadLetterIsStored(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	m := message(uuid.New(), "poison")
	mustAppend(t, p, m)
	s := &memoryStore{refusedBody: "poison"}
	runWriter(t, o, s, p)
	waitCommitted(t, o, 1)
	list := deadLetters(t, o)
	if got, ok := list[0].Message(); len(list) != 1 || !ok || got.ID != m.ID || got.Body != m.Body {
		t.Fatalf("the list is %+v", list)
	}

	if err := p.Replay(ctx, list[0]); err != nil {
		t.Fatal(err)
	}
	waitCommitted(t, o, 2)
	list = deadLetters(t, o)
	if !slices.Equal(statesOf(list), []string{StateReplayed, StateWaiting}) || len(s.storedLater) != 0 {
		t.Fatalf("replayed while the cause lasts: %+v, stored later %v", list, s.storedLater)
	}

	s.update(func(s *memoryStore) { s.refusedBody = "" })
	for range 2 {
		if err := p.Replay(ctx, list[1]); err != nil {
			t.Fatal(err)
		}
	}
	waitCommitted(t, o, 4)
	s.update(func(s *memoryStore) {
		if !slices.Equal(s.bodies, []string{"poison"}) || len(s.storedLater) != 2 || s.storedLater[0] != m.ID {
			t.Errorf("stored %q, stored later %v", s.bodies, s.storedLater)
		}
	})
	if got := statesOf(deadLetters(t, o)); !slices.Equal(got, []string{StateReplayed, StateReplayed}) {
		t.Errorf("the states are %v", got)
	}
}

func TestDeadLettersFailWhileTheLogIsDown(t *testing.T) {
	t.Parallel()
	_, err := DeadLetters(ctx, Options{Brokers: "127.0.0.1:1", Topic: Topic, DeadTopic: DeadTopic, Group: Group})
	if err == nil || strings.Contains(err.Error(), "panic") {
		t.Errorf("got %v", err)
	}
}
