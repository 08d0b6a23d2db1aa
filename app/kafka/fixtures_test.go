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

var (
	ctx   = context.Background()
	quiet = slog.New(slog.DiscardHandler)

	errStoreDown = chat.Unavailable("postgres", errors.New("refused"))
)

// newLog creates topics of the test's own on the shared broker.
func newLog(t *testing.T) Options {
	t.Helper()
	brokers := os.Getenv("PARLEY_TEST_KAFKA_BROKERS")
	if brokers == "" {
		t.Fatal("PARLEY_TEST_KAFKA_BROKERS is not set: run `go tool task test`, " +
			"or `go run ./test/services/cmd go test ./…`")
	}
	o := uniqueOptions(brokers)
	if err := EnsureTopics(ctx, o, quiet); err != nil {
		t.Fatal(err)
	}
	return o
}

// uniqueOptions are those of a log that no other test uses.
func uniqueOptions(brokers string) Options {
	suffix := "-" + uuid.NewString()[:8]
	return Options{
		Brokers:           brokers,
		Topic:             Topic + suffix,
		DeadTopic:         DeadTopic + suffix,
		Group:             Group + suffix,
		Partitions:        3,
		ReplicationFactor: 1,
	}
}

// startProducer returns a producer that is probing the log.
func startProducer(t *testing.T, o Options, logger *slog.Logger) *Producer {
	t.Helper()
	p, err := NewProducer(o, logger)
	if err != nil {
		t.Fatal(err)
	}
	probing, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Run(probing)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		p.Close()
	})
	return p
}

// newProducer returns a producer whose log accepts messages.
func newProducer(t *testing.T, o Options) *Producer {
	t.Helper()
	p := startProducer(t, o, quiet)
	wait.Until(t, "the log accepts messages", p.Up)
	return p
}

func newAdminClient(t *testing.T, o Options) *kafka.AdminClient {
	t.Helper()
	admin, err := newAdmin(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	return admin
}

func message(conversation uuid.UUID, body string) chat.Message {
	sender, client := chat.Person{ID: uuid.New()}, chat.NewID()
	return chat.Message{
		ID:             chat.MessageID(sender.ID, conversation, client, body),
		ConversationID: conversation,
		ClientID:       client,
		Sender:         sender,
		Body:           body,
		SentAt:         chat.At(time.Now()),
	}
}

func mustAppend(t *testing.T, p *Producer, m chat.Message) (offset int64) {
	t.Helper()
	offset, err := p.Append(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	return offset
}

// appendConcurrently appends n messages of different conversations at once, so that they are
// read in one batch.
func appendConcurrently(t *testing.T, p *Producer, n int) {
	t.Helper()
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

// appendRaw appends a record with an arbitrary value to the log.
func appendRaw(t *testing.T, p *Producer, key, value string) {
	t.Helper()
	if err := p.appendTo(ctx, p.options.Topic, []byte(key), []byte(value), nil); err != nil {
		t.Fatal(err)
	}
}

// memoryStore implements BatchStore, Publisher and Returner in memory. Its fields may be set
// to make it fail.
type memoryStore struct {
	mu             sync.Mutex
	err            error  // of each StoreBatch
	refusedBody    string // a message with this text is refused for its content
	returnFailures int    // how many calls of ReturnMessage fail

	attempts    int // calls of StoreBatch
	largest     int // number of messages of the largest batch
	bodies      []string
	known       map[uuid.UUID]bool
	events      []string    // "stored" and "published", in order
	returned    []string    // "body: cause"
	storedLater []uuid.UUID // argument of StoredAfterAll
}

func (s *memoryStore) StoreBatch(_ context.Context, messages []chat.Message) ([]chat.StoredConversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts++
	if s.err != nil {
		return nil, s.err
	}
	for _, m := range messages {
		if s.refusedBody != "" && m.Body == s.refusedBody {
			return nil, fmt.Errorf("%w: %s", chat.ErrContent, m.Body)
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

func (s *memoryStore) Forget() {}

func (s *memoryStore) Stored(context.Context, []chat.StoredConversation) {
	s.update(func(s *memoryStore) { s.events = append(s.events, "published") })
}

func (s *memoryStore) ReturnMessage(_ context.Context, m chat.Message, cause error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.returnFailures > 0 {
		s.returnFailures--
		return errStoreDown
	}
	s.returned = append(s.returned, m.Body+": "+cause.Error())
	return nil
}

func (s *memoryStore) StoredAfterAll(_ context.Context, ids []uuid.UUID) {
	s.update(func(s *memoryStore) { s.storedLater = append(s.storedLater, ids...) })
}

// has returns a condition: at least n messages are stored.
func (s *memoryStore) has(n int) func() bool {
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.bodies) >= n
	}
}

func (s *memoryStore) update(f func(*memoryStore)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

// newWriter returns a consumer that writes into s.
func newWriter(o Options, s *memoryStore, p *Producer) *Consumer {
	return newWriterWith(o, WriterDeps{Store: s, Publisher: s, Returner: s, Producer: p})
}

func newWriterWith(o Options, deps WriterDeps) *Consumer {
	deps.Logger = quiet
	return NewConsumer(o, NewMessageWriter(deps), quiet)
}

// runWriter runs a consumer that writes into s, until stop is called.
func runWriter(t *testing.T, o Options, s *memoryStore, p *Producer) (stop func()) {
	t.Helper()
	return run(t, newWriter(o, s, p))
}

func run(t *testing.T, c *Consumer) (stop func()) {
	t.Helper()
	running, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := c.Run(running); err != nil {
			t.Errorf("the consumer failed: %v", err)
		}
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(stop)
	return stop
}

// runAndRestart runs a consumer and restarts it after each failure, as a replica does.
func runAndRestart(t *testing.T, c *Consumer) {
	running, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for c.Run(running) != nil && running.Err() == nil {
			time.Sleep(200 * time.Millisecond) // the replica's first retry delay
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// committed returns the sum of the group's committed offsets.
func committed(t *testing.T, o Options) (sum int64) {
	t.Helper()
	client, err := newOffsetClient(o)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var numbers []int32
	for p := range o.Partitions {
		numbers = append(numbers, int32(p))
	}
	var offsets offsetMap
	wait.Until(t, "the group's coordinator answers", func() bool {
		timed, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		offsets, err = committedOffsets(timed, client, o, numbers)
		if err != nil && !isCoordinatorMove(err) {
			t.Fatal(err)
		}
		return err == nil
	})
	for _, offset := range offsets {
		sum += int64(offset)
	}
	return sum
}

// isCoordinatorMove reports whether err only says that a new group's coordinator is being
// chosen or moves, after which a client asks again.
func isCoordinatorMove(err error) bool {
	return slices.Contains(coordinatorErrors, errorCode(err))
}

// waitCommitted waits until the group's committed offsets sum up to n.
func waitCommitted(t *testing.T, o Options, n int64) {
	t.Helper()
	wait.Until(t, fmt.Sprintf("%d records are committed", n), func() bool { return committed(t, o) == n })
}

// deleteTopics deletes topics behind the back of producers and consumers.
func deleteTopics(t *testing.T, o Options, topics ...string) {
	t.Helper()
	results, err := newAdminClient(t, o).DeleteTopics(ctx, topics)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError {
			t.Fatal(r.Error)
		}
	}
}
