package redis

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/sse"
	"parley/app/sse/ssetest"
)

func redisURL(t *testing.T) string {
	t.Helper()
	url := os.Getenv("PARLEY_TEST_REDIS_URL")
	if url == "" {
		t.Fatal("PARLEY_TEST_REDIS_URL is not set: run `go tool task test`, or `go run ./test/services/cmd go test ./…`")
	}
	return url
}

// replica is the live part of one: a bus, subscriptions and a hub.
type replica struct {
	t      *testing.T
	bus    *Bus
	hub    *sse.Hub
	client redis.UniversalClient
	gone   chan chat.InvalidateEvent

	attendance book
}

// book writes down who arrives and leaves.
type book chan string

func (b book) Arrive(person uuid.UUID) { b <- "arrive " + person.String() }
func (b book) Leave(person uuid.UUID)  { b <- "leave " + person.String() }

func newReplica(t *testing.T, url string, limits sse.Limits) *replica {
	t.Helper()
	client, err := NewClient(url)
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	r := &replica{t: t, client: client, bus: NewBus(client, nil, logger, nil), gone: make(chan chat.InvalidateEvent, 8), attendance: make(book, 100)}
	subs := NewSubscriptions(client, logger)
	r.hub = sse.NewHub(subs, r.attendance, ssetest.Plain{}, limits, logger, func(e chat.InvalidateEvent) { r.gone <- e })
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); subs.Run(ctx, r.hub) }()
	go r.hub.Run(ctx)
	t.Cleanup(func() { stop(); <-ended; r.bus.Close(); client.Close() })
	return r
}

func (r *replica) connects(person uuid.UUID) *ssetest.Reader {
	r.t.Helper()
	return r.connectsAs(ssetest.StreamOf(person))
}

func (r *replica) connectsAs(s chat.Stream) *ssetest.Reader {
	r.t.Helper()
	return ssetest.Connect(r.t, r.hub, s)
}

func message(conversation, sender uuid.UUID, offset int64, body string) chat.Message {
	return chat.Message{ID: uuid.New(), ConversationID: conversation, LogOffset: &offset, ClientID: chat.NewID(), Sender: chat.Person{ID: sender}, Body: body, SentAt: chat.At(time.Now())}
}

func TestNewsReachEveryReplicaAndOnlyMembers(t *testing.T) {
	one, two := newReplica(t, redisURL(t), sse.Limits{}), newReplica(t, redisURL(t), sse.Limits{})
	ada, bob, eve, talk := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	streams := map[string]*ssetest.Reader{"ada": one.connects(ada), "bob": two.connects(bob), "bob's phone": one.connects(bob), "eve": two.connects(eve)}
	for _, s := range streams {
		s.Expects("ready")
	}
	m := message(talk, ada, 4, "hi")
	one.bus.Announce(context.Background(), m, []uuid.UUID{ada, bob})
	two.bus.Stored(context.Background(), []chat.StoredConversation{{ConversationID: talk, Members: []uuid.UUID{ada, bob}, Messages: []chat.StoredID{{ID: m.ID, Seq: 1}}, Through: m.LogOffset}})
	streams["ada"].Expects("message hi own=true", "stored 1-1")
	streams["bob"].Expects("message hi own=false", "stored 1-1")
	streams["bob's phone"].Expects("message hi own=false", "stored 1-1")
	one.bus.Publish(context.Background(), chat.ResyncEvent{}, []uuid.UUID{eve})
	streams["eve"].Expects("resync") // and nothing before it
}

func TestTail(t *testing.T) {
	r := newReplica(t, redisURL(t), sse.Limits{})
	ctx, ada, talk := context.Background(), uuid.New(), uuid.New()
	tail := func() (bodies string) {
		t.Helper()
		pending, err := r.bus.Pending(ctx, talk)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pending {
			bodies += m.Body
		}
		return bodies
	}
	stored := func(c chat.StoredConversation) {
		c.ConversationID = talk
		r.bus.Stored(ctx, []chat.StoredConversation{c})
	}
	through := func(n int64) *int64 { return &n }
	for i, body := range []string{"a", "b", "c", "d", "e"} {
		r.bus.Announce(ctx, message(talk, ada, int64(i), body), nil)
	}
	if got := tail(); got != "abcde" {
		t.Fatalf("tail %q", got)
	}
	stored(chat.StoredConversation{Offsets: []int64{3}}) // a direct writer: exactly that
	if got := tail(); got != "abce" {
		t.Errorf("after a direct write %q", got)
	}
	stored(chat.StoredConversation{Through: through(1)})
	if got := tail(); got != "ce" {
		t.Errorf("after the writer %q", got)
	}
	r.bus.Announce(ctx, message(talk, ada, 1, "late"), nil) // the writer was faster than this replica
	r.bus.Announce(ctx, message(talk, ada, 9, "z"), nil)
	r.bus.Announce(ctx, message(talk, ada, 5, "m"), nil) // acknowledged later, earlier in the log
	if got := tail(); got != "cemz" {
		t.Errorf("in log order, without what is stored: %q", got)
	}
	stored(chat.StoredConversation{Through: through(0)}) // delivered again: the mark doesn't go back
	r.bus.Announce(ctx, message(talk, ada, 1, "late"), nil)
	if got := tail(); got != "cemz" {
		t.Errorf("after a redelivery %q", got)
	}
	stored(chat.StoredConversation{Through: through(9)})
	if got := tail(); got != "" {
		t.Errorf("all is stored, and %q is left", got)
	}
	if n, err := r.client.Exists(ctx, tailKeys(talk)[:2]...).Result(); err != nil || n != 0 {
		t.Errorf("an empty tail keeps %d keys, %v", n, err)
	}
}

// TestMarksAreForgotten: where offsets begin anew, what is sent then is in the tail.
func TestMarksAreForgotten(t *testing.T) { marksAreForgotten(t, redisOfOurOwn(t).URL) }

func marksAreForgotten(t *testing.T, url string) {
	t.Helper()
	r := newReplica(t, url, sse.Limits{})
	ctx, talk, through := context.Background(), uuid.New(), int64(5000)
	r.bus.Stored(ctx, []chat.StoredConversation{{ConversationID: talk, Through: &through}})
	for _, want := range []int{0, 1} {
		r.bus.Announce(ctx, message(talk, uuid.New(), 0, "first of another partition"), nil)
		if pending, err := r.bus.Pending(ctx, talk); err != nil || len(pending) != want {
			t.Errorf("%d pending, want %d, %v", len(pending), want, err)
		}
		if err := ClearStoredMarks(ctx, r.client); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTailIsBounded(t *testing.T) {
	r := newReplica(t, redisURL(t), sse.Limits{})
	ctx, ada, talk := context.Background(), uuid.New(), uuid.New()
	body := strings.Repeat("x", chat.MaxBodyBytes)
	var offset int64
	for ; !r.bus.TailFull(ctx, talk); offset++ {
		if offset > 1000 {
			t.Fatal("a tail of 16 MB is not full")
		}
		r.bus.Announce(ctx, message(talk, ada, offset, body), nil)
	}
	if offset < 400 {
		t.Errorf("full after %d messages of 16 KB", offset)
	}
	if r.bus.TailFull(ctx, uuid.New()) {
		t.Error("another conversation's tail is full")
	}
	r.bus.Stored(ctx, []chat.StoredConversation{{ConversationID: talk, Through: &offset}})
	if r.bus.TailFull(ctx, talk) {
		t.Error("full after all was stored")
	}
}
