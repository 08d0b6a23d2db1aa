package redis

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse"
	"parley/app/sse/ssetest"
	"parley/test/services"
)

func redisURL(t testing.TB) string {
	t.Helper()
	url := os.Getenv("PARLEY_TEST_REDIS_URL")
	if url == "" {
		t.Fatal("PARLEY_TEST_REDIS_URL is not set: " +
			"run `go tool task test`, or `go run ./test/services/cmd go test ./…`")
	}
	return url
}

// startRedis starts a Redis for one test, which may stop or pause it.
func startRedis(t *testing.T) *services.Service {
	t.Helper()
	return started(t, services.Redis(t.TempDir()))
}

func started(t *testing.T, s *services.Service) *services.Service {
	t.Helper()
	t.Cleanup(s.Kill)
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// startBus runs a bus until the test ends or stop is called.
func startBus(t *testing.T, url string, o BusOptions) (bus *Bus, stop func()) {
	t.Helper()
	return startBusWith(t, url, discard, o, nil)
}

// startBusWith also calls beforeRun, which may be nil, before the bus runs.
func startBusWith(
	t testing.TB, url string, logger *slog.Logger, o BusOptions, beforeRun func(*Bus),
) (bus *Bus, stop func()) {
	t.Helper()
	client, err := NewClient(url)
	if err != nil {
		t.Fatal(err)
	}

	bus = NewBus(client, logger, o)
	if beforeRun != nil {
		beforeRun(bus)
	}
	stop = start(func(ctx context.Context) { _ = bus.Run(ctx) })
	t.Cleanup(func() {
		stop()
		client.Close()
	})
	return bus, stop
}

// start calls run in a goroutine. stop ends its context and waits until it returns.
func start(run func(ctx context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

var discard = slog.New(slog.DiscardHandler)

// replica is the bus, the subscriptions and the hub of one replica.
type replica struct {
	t           testing.TB
	bus         *Bus
	hub         *sse.Hub
	invalidated chan chat.InvalidateEvent
	invalidate  func(chat.InvalidateEvent) // nil: into invalidated
	presence    presenceLog
}

// presenceLog records first and last streams.
type presenceLog chan string

func (l presenceLog) Arrive(person uuid.UUID) { l <- "arrive " + person.String() }
func (l presenceLog) Leave(person uuid.UUID)  { l <- "leave " + person.String() }

func newReplica(t *testing.T, url string) *replica {
	t.Helper()
	return newReplicaWith(t, url, discard, BusOptions{}, nil)
}

// newReplicaWith also calls beforeRun, which may be nil, before the bus runs.
func newReplicaWith(
	t testing.TB, url string, logger *slog.Logger, o BusOptions, beforeRun func(*Bus),
) *replica {
	t.Helper()
	bus, _ := startBusWith(t, url, logger, o, beforeRun)
	subs := NewSubscriptions(bus, logger)
	r := &replica{
		t:           t,
		bus:         bus,
		invalidated: make(chan chat.InvalidateEvent, 8),
		presence:    make(presenceLog, 1000), // more than any test fills, because the hub must not wait
	}

	r.hub = sse.NewHub(sse.Deps{
		Subscriptions: subs,
		Presence:      r.presence,
		Renderer:      ssetest.Plain{},
		OnInvalidate: func(e chat.InvalidateEvent) {
			if r.invalidate != nil {
				r.invalidate(e)
				return
			}
			r.invalidated <- e
		},
		Logger: discard,
	}, sse.Limits{})
	t.Cleanup(start(func(ctx context.Context) { _ = r.hub.Run(ctx) }))
	t.Cleanup(start(func(ctx context.Context) { _ = subs.Run(ctx, r.hub) }))
	return r
}

// connects opens a stream of a person.
func (r *replica) connects(person uuid.UUID) *ssetest.Reader {
	r.t.Helper()
	return ssetest.Connect(r.t, r.hub, ssetest.StreamOf(person))
}

func message(conversation, sender uuid.UUID, offset int64, body string) chat.Message {
	return chat.Message{
		ID:             uuid.New(),
		ConversationID: conversation,
		LogOffset:      &offset,
		ClientID:       chat.NewID(),
		Sender:         chat.Person{ID: sender},
		Body:           body,
		SentAt:         chat.At(time.Now()),
	}
}
