package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

var ctx = context.Background()

// ownLog is a log of the test's own on the shared broker.
func ownLog(t *testing.T) Options {
	t.Helper()
	brokers := os.Getenv("PARLEY_TEST_KAFKA_BROKERS")
	if brokers == "" {
		t.Fatal("PARLEY_TEST_KAFKA_BROKERS is not set: run `go tool task test`, or `go run ./test/services/cmd go test ./…`")
	}
	name := "-" + uuid.NewString()[:8]
	o := Options{Brokers: brokers, Topic: Topic + name, DeadTopic: DeadTopic + name, Group: Group + name, Partitions: 3, ReplicationFactor: 1}
	if err := EnsureTopics(ctx, o, quiet); err != nil {
		t.Fatal(err)
	}
	return o
}

var quiet = slog.New(slog.DiscardHandler)

func newProducer(t *testing.T, o Options) *Producer {
	t.Helper()
	p, err := NewProducer(o, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	wait.Until(t, "the log answers", p.Up)
	return p
}

func message(conversation uuid.UUID, body string) chat.Message {
	sender, client := chat.Person{ID: uuid.New()}, chat.NewID()
	return chat.Message{ID: chat.MessageID(sender.ID, conversation, client, body), ConversationID: conversation, ClientID: client, Sender: sender, Body: body, SentAt: chat.At(time.Now())}
}

// shelf is a BatchStore that keeps what it is given, and can be told to fail.
type shelf struct {
	mu      sync.Mutex
	fail    error
	poison  string // a body that can't be stored
	bodies  []string
	known   map[uuid.UUID]bool
	events  []string    // "stored", "announced": in the order in which they happened
	returns int         // how often to fail to return a message
	back    []string    // what was returned: "body: cause"
	after   []uuid.UUID // stored after all
	largest int
	tries   int
}

func (s *shelf) StoreBatch(_ context.Context, messages []chat.Message) ([]chat.StoredConversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	if s.fail != nil {
		return nil, s.fail
	}
	for _, m := range messages {
		if s.poison != "" && m.Body == s.poison {
			return nil, fmt.Errorf("%w: poison", chat.ErrContent)
		}
	}
	s.largest = max(s.largest, len(messages))
	if s.known == nil {
		s.known = map[uuid.UUID]bool{}
	}
	for _, m := range messages {
		if !s.known[m.ID] {
			s.bodies = append(s.bodies, m.Body)
		}
		s.known[m.ID] = true
	}
	s.events = append(s.events, "stored")
	return []chat.StoredConversation{{ConversationID: messages[0].ConversationID}}, nil
}

func (s *shelf) Forget() {}

func (s *shelf) Stored(context.Context, []chat.StoredConversation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, "announced")
}

// returner is the shelf itself, where there is one.
func returner(s BatchStore) Returner { r, _ := s.(Returner); return r }

func (s *shelf) ReturnMessage(_ context.Context, m chat.Message, cause error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.returns > 0 {
		s.returns--
		return chat.Unavailable("postgres", errors.New("refused"))
	}
	s.back = append(s.back, m.Body+": "+cause.Error())
	return nil
}

func (s *shelf) StoredAfterAll(_ context.Context, ids []uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = append(s.after, ids...)
}

func (s *shelf) has(n int) func() bool {
	return func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.bodies) >= n }
}

func (s *shelf) set(f func(*shelf)) { s.mu.Lock(); defer s.mu.Unlock(); f(s) }

// runWriter runs one until the answer is called.
func runWriter(t *testing.T, o Options, s BatchStore, bus Announcer, dead *Producer, rows int) (stop func()) {
	t.Helper()
	return run(t, NewWriter(o, s, bus, returner(s), dead, rows, quiet))
}

func run(t *testing.T, w *Writer) (stop func()) {
	t.Helper()
	running, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := w.Run(running); err != nil {
			t.Errorf("writer: %v", err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return stop
}

// committed sums the group's offsets.
func committed(t *testing.T, o Options) (sum int64) {
	t.Helper()
	c, err := kafka.NewConsumer(with(base(o), kafka.ConfigMap{"group.id": o.Group}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var partitions []kafka.TopicPartition
	for p := range o.Partitions {
		partitions = append(partitions, kafka.TopicPartition{Topic: &o.Topic, Partition: int32(p)})
	}
	offsets, err := c.Committed(partitions, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, tp := range offsets {
		if tp.Offset > 0 {
			sum += int64(tp.Offset)
		}
	}
	return sum
}

// deadLetters reads the whole topic of them, when there are n.
func deadLetters(t *testing.T, o Options, n int) (letters []*kafka.Message) {
	t.Helper()
	c, err := kafka.NewConsumer(with(base(o), kafka.ConfigMap{"group.id": uuid.NewString(), "auto.offset.reset": "earliest"}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Subscribe(o.DeadTopic, nil); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the dead letters are there", func() bool {
		if m, ok := c.Poll(100).(*kafka.Message); ok {
			letters = append(letters, m)
		}
		return len(letters) >= n
	})
	return letters
}

func TestOneConversationIsOneOrder(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	talk, last := uuid.New(), int64(-1)
	for i := range 20 {
		offset, err := p.Append(ctx, message(talk, fmt.Sprint(i)))
		if err != nil || offset <= last {
			t.Fatalf("message %d has offset %d after %d, %v", i, offset, last, err)
		}
		last = offset
	}
	s := &shelf{}
	runWriter(t, o, s, s, p, 0)
	wait.Until(t, "all are stored", s.has(20))
	for i, body := range s.bodies {
		if body != fmt.Sprint(i) {
			t.Fatalf("stored as %v", s.bodies)
		}
	}
}

func TestStoredThenAnnouncedThenCommitted(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	if _, err := p.Append(ctx, message(uuid.New(), "hi")); err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	atAnnouncement := make(chan int64, 10)
	stop := runWriter(t, o, s, announcer(func() { atAnnouncement <- committed(t, o); s.Stored(ctx, nil) }), p, 0)
	if n := <-atAnnouncement; n != 0 {
		t.Errorf("offset %d was committed before the announcement", n)
	}
	wait.Until(t, "the offset is committed", func() bool { return committed(t, o) == 1 })
	stop()
	if !slices.Equal(s.events, []string{"stored", "announced"}) {
		t.Errorf("order %v", s.events)
	}
}

type announcer func()

func (a announcer) Stored(context.Context, []chat.StoredConversation) { a() }

func TestTheStoreMayBeAwayForAWhile(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	s := &shelf{fail: chat.Unavailable("postgres", errors.New("refused"))}
	runWriter(t, o, s, s, p, 0)
	for i := range 30 {
		if _, err := p.Append(ctx, message(uuid.New(), fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	<-time.After(700 * time.Millisecond) // long enough for several attempts and polls of paused partitions
	if n := committed(t, o); n != 0 {
		t.Errorf("%d were committed and not stored", n)
	}
	s.set(func(s *shelf) { s.fail = nil })
	wait.Until(t, "all are stored", s.has(30))
	wait.Until(t, "all are committed", func() bool { return committed(t, o) == 30 })
	if len(s.bodies) != 30 {
		t.Errorf("%d are stored", len(s.bodies))
	}
}

func TestABadRecordIsBuriedAlone(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	talk := uuid.New()
	for i := range 50 {
		body := fmt.Sprint(i)
		if i == 17 {
			body = "poison"
		}
		if _, err := p.Append(ctx, message(talk, body)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.produce(ctx, &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &o.Topic, Partition: kafka.PartitionAny}, Key: []byte(talk.String()), Value: []byte("{")}); err != nil {
		t.Fatal(err)
	}
	s := &shelf{poison: "poison"}
	runWriter(t, o, s, s, p, 0)
	wait.Until(t, "the good ones are stored", s.has(49))
	letters := deadLetters(t, o, 2)
	reasons := map[string]string{}
	for _, m := range letters {
		for _, h := range m.Headers {
			reasons[string(m.Value[:1])+h.Key] += string(h.Value)
		}
		if string(m.Key) != talk.String() {
			t.Errorf("a dead letter has key %s", m.Key)
		}
	}
	if len(letters) != 2 || len(letters[0].Headers) != 4 {
		t.Errorf("dead letters: %v", letters)
	}
	wait.Until(t, "all are committed", func() bool { return committed(t, o) == 51 })
	if slices.Contains(s.bodies, "poison") || len(s.bodies) != 49 {
		t.Errorf("stored %d", len(s.bodies))
	}
}

func TestARecordOfANewerReleaseWaits(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	newer := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &o.Topic, Partition: 0}, Value: []byte(`{"v":2,"text":"from the future"}`)}
	if _, err := p.produce(ctx, newer); err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	stop := runWriter(t, o, s, s, p, 0)
	<-time.After(1500 * time.Millisecond) // long enough for several attempts
	stop()
	if n := committed(t, o); n != 0 || len(s.events) != 0 {
		t.Errorf("committed %d, stored %v", n, s.events)
	}
}

func TestTheCapBoundsBatches(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	for i := range 25 {
		if _, err := p.Append(ctx, message(uuid.New(), fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	s := &shelf{}
	runWriter(t, o, s, s, p, 10)
	wait.Until(t, "all are stored", s.has(25))
	if s.largest > 10 {
		t.Errorf("a batch of %d rows at 10 a second", s.largest)
	}
}

func TestTwoWritersShareTheLog(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	s := &shelf{}
	stop := runWriter(t, o, s, s, p, 0)
	runWriter(t, o, s, s, p, 0)
	for i := range 100 {
		if _, err := p.Append(ctx, message(uuid.New(), fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
		if i == 50 {
			stop() // leaves the group; its partitions move
		}
	}
	wait.Until(t, "all are stored", s.has(100))
	wait.Until(t, "all are committed", func() bool { return committed(t, o) == 100 })
}

// TestAPartitionThatWasTakenAwayIsNotCommitted: a writer that waits for its store loses a partition to another, who goes on; when it can store, it doesn't take
// back what that one has committed.
func TestAPartitionThatWasTakenAwayIsNotCommitted(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	send := func(n int) { // at once, so that a batch has records of every partition
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				if _, err := p.Append(ctx, message(uuid.New(), uuid.NewString())); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	waiting, other := &shelf{}, &shelf{}
	runWriter(t, o, waiting, waiting, p, 0)
	send(30)
	wait.Until(t, "the first writer has all partitions", func() bool { return committed(t, o) == 30 })
	waiting.set(func(s *shelf) { s.fail, s.tries = chat.Unavailable("postgres", errors.New("refused")), 0 })
	send(30)
	wait.Until(t, "it holds a batch", func() bool { waiting.mu.Lock(); defer waiting.mu.Unlock(); return waiting.tries > 0 })
	send(30)
	runWriter(t, o, other, other, p, 0)
	wait.Until(t, "the other has taken a partition over, and committed", func() bool {
		n := committed(t, o)
		other.mu.Lock()
		defer other.mu.Unlock()
		return n > 30 && int(n) == 30+len(other.bodies)
	})
	waiting.set(func(s *shelf) { s.fail = nil })
	wait.Until(t, "all are committed", func() bool { return committed(t, o) == 90 })
}

func TestAnUnreachableLogRefusesAtOnce(t *testing.T) {
	p, err := NewProducer(Options{Brokers: "127.0.0.1:1", Topic: Topic}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Append(ctx, message(uuid.New(), "hi")); err == nil || errors.Is(err, chat.ErrUnknownOutcome) {
		t.Errorf("got %v; want a refusal that is certain", err)
	}
}

func TestAnotherPartitionCountIsLeftAlone(t *testing.T) {
	o := ownLog(t)
	o.Partitions = 5
	if err := EnsureTopics(ctx, o, quiet); err != nil {
		t.Fatal(err)
	}
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	meta, err := admin.GetMetadata(&o.Topic, false, 5000)
	if err != nil || len(meta.Topics[o.Topic].Partitions) != 3 {
		t.Errorf("the topic has %d partitions, %v", len(meta.Topics[o.Topic].Partitions), err)
	}
}
