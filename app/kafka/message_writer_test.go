package kafka

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

func TestMessagesOfAConversationKeepTheirOrder(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	conversation, last := uuid.New(), int64(-1)
	for i := range 20 {
		offset := mustAppend(t, p, message(conversation, fmt.Sprint(i)))
		if offset <= last {
			t.Fatalf("message %d has offset %d, the one before has %d", i, offset, last)
		}
		last = offset
	}

	s := &memoryStore{}
	runWriter(t, o, s, p)
	wait.Until(t, "all messages are stored", s.has(20))
	for i, body := range s.bodies {
		if body != fmt.Sprint(i) {
			t.Fatalf("stored in the order %v", s.bodies)
		}
	}
}

type publisherFunc func()

func (f publisherFunc) Stored(context.Context, []chat.StoredConversation) { f() }

func TestABatchIsStoredThenPublishedThenCommitted(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	mustAppend(t, p, message(uuid.New(), "hi"))

	s := &memoryStore{}
	committedBefore := make(chan int64, 10)
	publisher := publisherFunc(func() {
		committedBefore <- committed(t, o)
		s.Stored(ctx, nil)
	})
	stop := run(t, newWriterWith(o, WriterDeps{Store: s, Publisher: publisher, Returner: s, Producer: p}))
	if n := <-committedBefore; n != 0 {
		t.Errorf("%d records were committed before they were published", n)
	}
	waitCommitted(t, o, 1)
	stop()
	if !slices.Equal(s.events, []string{"stored", "published"}) {
		t.Errorf("the order of events is %v", s.events)
	}
}

func TestAWriterWaitsWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	s := &memoryStore{err: errStoreDown}
	runWriter(t, o, s, p)
	for i := range 30 {
		mustAppend(t, p, message(uuid.New(), fmt.Sprint(i)))
	}
	<-time.After(700 * time.Millisecond) // long enough for several attempts and polls of paused partitions
	if n := committed(t, o); n != 0 {
		t.Errorf("%d records were committed without being stored", n)
	}

	s.update(func(s *memoryStore) { s.err = nil })
	wait.Until(t, "all messages are stored", s.has(30))
	waitCommitted(t, o, 30)
	if len(s.bodies) != 30 {
		t.Errorf("%d messages are stored, want 30", len(s.bodies))
	}
}

func TestOnlyTheBadRecordOfABatchIsDeadLettered(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	conversation := uuid.New()
	for i := range 50 {
		body := fmt.Sprint(i)
		if i == 17 {
			body = "poison"
		}
		mustAppend(t, p, message(conversation, body))
	}
	appendRaw(t, p, conversation.String(), "{")

	s := &memoryStore{refusedBody: "poison"}
	runWriter(t, o, s, p)
	wait.Until(t, "the good messages are stored", s.has(49))
	waitCommitted(t, o, 51)
	if slices.Contains(s.bodies, "poison") || len(s.bodies) != 49 {
		t.Errorf("%d messages are stored, want 49 without the bad one", len(s.bodies))
	}

	records, err := readDeadLetterTopic(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || len(records[0].Headers) != 4 {
		t.Errorf("the topic of dead letters has %v", records)
	}
	for _, m := range records {
		if string(m.Key) != conversation.String() {
			t.Errorf("a dead letter has key %s", m.Key)
		}
	}
}

func TestTheRowLimitBoundsABatch(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	for i := range 25 {
		mustAppend(t, p, message(uuid.New(), fmt.Sprint(i)))
	}
	s := &memoryStore{}
	run(t, newWriterWith(o, WriterDeps{Store: s, Publisher: s, Returner: s, Producer: p, RowsPerSecond: 10}))
	wait.Until(t, "all messages are stored", s.has(25))
	if s.largest > 10 {
		t.Errorf("a batch had %d rows at a limit of 10 per second", s.largest)
	}
}

// TestARefusedMessageIsReturned: the message is returned before its offset is committed, also
// after failures. A record whose text alone is bad has a sender, a record that cannot be read
// has none.
func TestARefusedMessageIsReturned(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	conversation := uuid.New()
	for _, body := range []string{"fine", "poison", "fine too", "a\x00b"} {
		mustAppend(t, p, message(conversation, body))
	}
	appendRaw(t, p, "k", "{")

	s := &memoryStore{refusedBody: "poison", returnFailures: 2}
	runWriter(t, o, s, p)
	waitCommitted(t, o, 5)
	slices.Sort(s.returned)
	want := []string{
		"a\x00b: content refused: characters that can't be stored",
		"poison: content refused: poison",
	}
	if !slices.Equal(s.returned, want) {
		t.Errorf("returned %q, want %q", s.returned, want)
	}
	if got := deadLetters(t, o); len(got) != 3 {
		t.Errorf("dead letters: %+v", got)
	}
}
