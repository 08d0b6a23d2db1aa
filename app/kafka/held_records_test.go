package kafka

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// appendAt appends a record to a partition and returns its offset.
func appendAt(t *testing.T, p *Producer, partition int32, value []byte) int64 {
	t.Helper()
	offset, err := p.produce(ctx, &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &p.options.Topic, Partition: partition},
		Value:          value,
	})
	if err != nil {
		t.Fatal(err)
	}
	return offset
}

func encoded(t *testing.T, m chat.Message) []byte {
	t.Helper()
	value, err := encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestARecordOfANewerReleasePausesItsPartitionAlone: the writer stores what is before it and in
// other partitions. Once an operator has dead-lettered it, the writer goes on behind it, in
// order, also after a rewind.
func TestARecordOfANewerReleasePausesItsPartitionAlone(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p, s := newProducer(t, o), &memoryStore{}
	conversation := uuid.New()
	appendBody := func(partition int32, body string) int64 {
		return appendAt(t, p, partition, encoded(t, message(conversation, body)))
	}
	appendBody(0, "before")
	newer := appendAt(t, p, 0, []byte(`{"v":2,"text":"from the future"}`))
	for i := range 20 {
		appendBody(0, fmt.Sprint("behind ", i))
	}
	appendBody(1, "elsewhere")

	stop := runWriter(t, o, s, p)
	wait.Until(t, "what can be read is stored", s.has(2))
	appendBody(1, "elsewhere, later")
	appendBody(2, "in a third partition")
	wait.Until(t, "other partitions are stored", s.has(4))
	waitCommitted(t, o, 4)
	if slices.ContainsFunc(s.bodies, func(body string) bool { return strings.HasPrefix(body, "behind") }) {
		t.Fatalf("stored in spite of the record before it: %q", s.bodies)
	}
	if list := deadLetters(t, o); len(list) != 0 {
		t.Fatalf("dead letters: %+v", list)
	}

	if _, err := Check(ctx, o); err == nil || !strings.Contains(err.Error(), "parley dead-letters bury 0 1") {
		t.Errorf("the check says %v", err)
	}

	for range 2 { // idempotent
		if err := p.DeadLetterHeld(ctx, 0, newer); err != nil {
			t.Fatal(err)
		}
	}
	wait.Until(t, "the partition is stored behind the dead letter", s.has(24))
	waitCommitted(t, o, 25)
	var behind []string
	for i := range 20 {
		behind = append(behind, fmt.Sprint("behind ", i))
	}
	got := slices.DeleteFunc(slices.Clone(s.bodies), func(body string) bool { return !strings.HasPrefix(body, "behind") })
	if !slices.Equal(got, behind) {
		t.Errorf("stored behind it: %q", got)
	}

	list := deadLetters(t, o)
	if len(list) != 1 || list[0].State != StateWaiting || !strings.Contains(list[0].Reason, "its version is 2") {
		t.Fatalf("dead letters: %+v", list)
	}
	if err := p.Replay(ctx, list[0]); !errors.Is(err, ErrUnreadable) {
		t.Errorf("a replay by this release returns %v", err)
	}

	stop()
	if _, err := Rewind(ctx, o, RewindTo{}); err != nil {
		t.Fatal(err)
	}
	runWriter(t, o, s, p)
	waitCommitted(t, o, 25)
}

// TestAHeldRecordSurvivesAFailingStore: the retries of other partitions pause and resume all
// partitions, but the one of the held record.
func TestAHeldRecordSurvivesAFailingStore(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p, s := newProducer(t, o), &memoryStore{}
	appendAt(t, p, 0, []byte(`{"v":2}`))
	appendAt(t, p, 0, encoded(t, message(uuid.New(), "behind")))
	runWriter(t, o, s, p)
	s.update(func(s *memoryStore) { s.err = errStoreDown })
	appendAt(t, p, 1, encoded(t, message(uuid.New(), "elsewhere")))
	wait.Until(t, "the store fails twice", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.attempts > 1
	})
	s.update(func(s *memoryStore) { s.err = nil })
	wait.Until(t, "the other partition is stored", s.has(1))
	appendAt(t, p, 1, encoded(t, message(uuid.New(), "elsewhere, later")))
	waitCommitted(t, o, 2)
	if len(s.bodies) != 2 {
		t.Errorf("stored: %q", s.bodies)
	}
}

func TestOnlyHeldRecordsCanBeDeadLettered(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	good := appendAt(t, p, 0, encoded(t, message(uuid.New(), "hello")))
	bad := appendAt(t, p, 0, []byte("no record"))
	for _, c := range []struct {
		offset int64
		want   error
	}{{good, ErrReadable}, {bad, ErrReadable}, {bad + 1, ErrNoRecord}, {bad + 100, ErrNoRecord}} {
		if err := p.DeadLetterHeld(ctx, 0, c.offset); !errors.Is(err, c.want) {
			t.Errorf("offset %d: %v, want %v", c.offset, err, c.want)
		}
	}
	if err := p.DeadLetterHeld(ctx, 7, 0); err == nil {
		t.Error("a partition that does not exist has a record")
	}
	if list := deadLetters(t, o); len(list) != 0 {
		t.Errorf("dead letters: %+v", list)
	}
}

// TestADeadLetterThatIsTooLargeIsCut, because the writer must not wait for it for ever.
func TestADeadLetterThatIsTooLargeIsCut(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	alter(t, o, o.DeadTopic, "max.message.bytes", "3000")
	p, s := newProducer(t, o), &memoryStore{}
	appendRaw(t, p, "a", strings.Repeat("large ", 1000))
	runWriter(t, o, s, p)
	waitCommitted(t, o, 1)
	if list := deadLetters(t, o); len(list) != 1 || len(list[0].Value) != cutBytes {
		t.Errorf("dead letters: %+v", list)
	}
}
