package kafka

import (
	"slices"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/test/wait"
)

func letters(t *testing.T, o Options) []DeadLetter {
	t.Helper()
	list, err := DeadLetters(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// append1 puts a raw record into the log.
func append1(t *testing.T, p *Producer, value string) {
	t.Helper()
	if err := p.appendTo(ctx, &p.options.Topic, []byte("k"), []byte(value), nil); err != nil {
		t.Fatal(err)
	}
}

// TestWhatCantBeStoredIsReturned: before its offset is committed, also when the store is away for it for a while, and with the sender of a record
// whose text alone is bad; what can't be read has no sender.
func TestWhatCantBeStoredIsReturned(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	talk := uuid.New()
	nul := message(talk, "a\x00b")
	for _, m := range []struct{ body string }{{"fine"}, {"poison"}, {"fine too"}} {
		if _, err := p.Append(ctx, message(talk, m.body)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Append(ctx, nul); err != nil {
		t.Fatal(err)
	}
	append1(t, p, "{")
	s := &shelf{poison: "poison", returns: 2}
	runWriter(t, o, s, s, p, 0)
	wait.Until(t, "all are committed", func() bool { return committed(t, o) == 5 })
	slices.Sort(s.back)
	if len(s.back) != 2 || s.back[0] != "a\x00b: content refused: characters that can't be stored" || s.back[1] != "poison: content refused: poison" {
		t.Errorf("returned %q", s.back)
	}
	if got := letters(t, o); len(got) != 3 {
		t.Errorf("dead letters %+v", got)
	}
}

// TestDeadLettersAreListedOnce: however often one was buried, before or after it was settled.
func TestDeadLettersAreListedOnce(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	if got := letters(t, o); len(got) != 0 {
		t.Fatalf("an empty topic has %+v", got)
	}
	bury := func(partition int32, offset kafka.Offset, value string) {
		t.Helper()
		m := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &o.Topic, Partition: partition, Offset: offset}, Key: []byte("k"), Value: []byte(value)}
		if err := p.bury(ctx, m, "because"); err != nil {
			t.Fatal(err)
		}
	}
	bury(1, 7, "one")
	bury(1, 8, "two")
	bury(1, 7, "one")
	bury(1, 7, "of a log that was made anew")
	list := letters(t, o)
	if len(list) != 3 || list[0].ID != "0-0" || list[0].Origin != "1-7" || list[0].Reason != "because" || list[0].BuriedAt == "" ||
		string(list[0].Value) != "one" || list[1].ID != "0-1" || list[2].ID != "0-3" {
		t.Fatalf("the list is %+v", list)
	}
	if err := p.Discard(ctx, list[0]); err != nil {
		t.Fatal(err)
	}
	bury(1, 7, "one")
	for i, want := range []string{LetterDiscarded, LetterWaits, LetterWaits} {
		if got := letters(t, o); len(got) != 3 || got[i].State != want {
			t.Errorf("letter %d is %+v, want %s", i, got, want)
		}
	}
	if n := committed(t, o); n != 0 {
		t.Errorf("reading committed %d", n)
	}
}

// TestAReplayedLetterIsStored: as the message that it was; replayed twice it is there once. One that fails again is another dead letter.
func TestAReplayedLetterIsStored(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	m := message(uuid.New(), "poison")
	if _, err := p.Append(ctx, m); err != nil {
		t.Fatal(err)
	}
	s := &shelf{poison: "poison"}
	runWriter(t, o, s, s, p, 0)
	wait.Until(t, "it is buried", func() bool { return committed(t, o) == 1 })
	list := letters(t, o)
	if got, ok := list[0].Message(); len(list) != 1 || !ok || got.ID != m.ID || got.Body != m.Body {
		t.Fatalf("the list is %+v", list)
	}
	if err := p.Replay(ctx, list[0]); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "it is buried again", func() bool { return committed(t, o) == 2 })
	if list = letters(t, o); len(list) != 2 || list[0].State != LetterReplayed || list[1].State != LetterWaits || len(s.after) != 0 {
		t.Fatalf("replayed too early: %+v, %v", list, s.after)
	}
	s.set(func(s *shelf) { s.poison = "" })
	for range 2 {
		if err := p.Replay(ctx, list[1]); err != nil {
			t.Fatal(err)
		}
	}
	wait.Until(t, "it is stored", func() bool { return committed(t, o) == 4 })
	s.set(func(s *shelf) {
		if len(s.bodies) != 1 || s.bodies[0] != "poison" || len(s.after) != 2 || s.after[0] != m.ID {
			t.Errorf("stored %q, after all %v", s.bodies, s.after)
		}
	})
	for _, d := range letters(t, o) {
		if d.State != LetterReplayed {
			t.Errorf("%s is %s", d.ID, d.State)
		}
	}
}

func TestDeadLettersOfAnAbsentLog(t *testing.T) {
	if _, err := DeadLetters(ctx, Options{Brokers: "127.0.0.1:1", Topic: Topic, DeadTopic: DeadTopic, Group: Group}); err == nil || strings.Contains(err.Error(), "panic") {
		t.Errorf("got %v", err)
	}
}
