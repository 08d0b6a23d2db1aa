package redis

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// memoryRelay keeps the events that it accepts. Its first calls fail.
type memoryRelay struct {
	mu         sync.Mutex // guards the fields below
	failures   int        // calls that will fail
	events     []chat.RelayEvent
	known      map[uuid.UUID]bool
	knownCalls int
}

func (r *memoryRelay) Known(context.Context, uuid.UUID, []uuid.UUID) (map[uuid.UUID]bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.knownCalls++
	return r.known, r.fail()
}

func (r *memoryRelay) Notify(_ context.Context, events []chat.RelayEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.fail(); err != nil {
		return err
	}
	r.events = append(r.events, events...)
	return nil
}

func (r *memoryRelay) fail() error {
	if r.failures == 0 {
		return nil
	}
	r.failures--
	return errors.New("unavailable")
}

func (r *memoryRelay) accepted() []chat.RelayEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events
}

func storedRange(conversation uuid.UUID, members []uuid.UUID, from, to int64) []chat.StoredConversation {
	c := chat.StoredConversation{ConversationID: conversation, Audience: chat.ToPeople(members...)}
	for seq := from; seq <= to; seq++ {
		c.Messages = append(c.Messages, chat.StoredID{ID: uuid.New(), Seq: seq})
	}
	return []chat.StoredConversation{c}
}

// TestRelayDuringAnOutage expects one relay event for all stored ranges of a conversation,
// and events that pages cannot fetch as themselves, although the relay fails at first.
// Typing and announcements are not relayed, and nothing is while Redis works.
func TestRelayDuringAnOutage(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	relay := &memoryRelay{failures: 2}
	bus, stop := startBus(t, server.URL, BusOptions{Relay: relay})
	ctx := context.Background()
	ada, bob, conversation, session := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	both := []uuid.UUID{ada, bob}

	bus.Stored(ctx, storedRange(uuid.New(), both, 1, 2)) // through Redis
	server.Kill()
	bus.Stored(ctx, storedRange(conversation, both, 1, 2)) // opens the breaker
	bus.Stored(ctx, storedRange(conversation, both, 3, 7))
	bus.Announce(ctx, message(conversation, ada, 3, "in the log, and not stored yet"), chat.ToPeople(both...))
	bus.Publish(ctx, chat.TypingEvent{ConversationID: conversation, Person: ada}, chat.ToPeople(bob))
	bus.Publish(ctx, chat.FriendEvent{State: chat.StateNone}, chat.ToPeople(bob))
	bus.Publish(ctx, chat.FriendEvent{State: chat.StateNone}, chat.Audience{})
	bus.Broadcast(ctx, chat.InvalidateEvent{Session: &session})

	wait.Until(t, "the relay has three events", func() bool { return len(relay.accepted()) >= 3 })
	var events, ranges int
	for _, relayed := range relay.accepted() {
		ok := false
		switch e := relayed.Event.(type) {
		case nil:
			ranges++
			ok = relayed.ConversationID == conversation && relayed.Seq >= 2 && len(relayed.To.People) == 2
		case chat.FriendEvent:
			events++
			ok = len(relayed.To.People) == 1 && relayed.To.People[0] == bob
		case chat.InvalidateEvent:
			events++
			ok = relayed.To.Empty() && *e.Session == session
		}
		if !ok {
			t.Errorf("unexpected relay event %+v", relayed)
		}
	}

	accepted := relay.accepted()
	if last := accepted[len(accepted)-1]; events != 2 || ranges != 1 || last.Seq != 7 {
		t.Errorf("%d events and %d ranges, the last up to %d; want 2 and 1, up to 7", events, ranges, last.Seq)
	}

	if err := server.Start(ctx); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "the breaker is closed", func() bool { return !bus.Down() })
	before := len(relay.accepted())
	bus.Stored(ctx, storedRange(conversation, both, 8, 8))
	stop()
	if since := relay.accepted()[before:]; len(since) > 0 {
		t.Errorf("relay events while Redis works: %+v", since)
	}
}

func TestQueuedRelayEventsAreSentAtShutdown(t *testing.T) {
	server := startRedis(t)
	server.Kill()
	relay := &memoryRelay{}
	bus, stop := startBus(t, server.URL, BusOptions{Relay: relay})
	bus.Stored(context.Background(), storedRange(uuid.New(), []uuid.UUID{uuid.New()}, 1, 1))
	stop()
	if events := relay.accepted(); len(events) != 1 {
		t.Errorf("the relay has %+v, want one event", events)
	}
}

func TestRelayQueueOverflow(t *testing.T) {
	q := newRelayQueue(&memoryRelay{}, discard)
	for range maxRelayEvents + 10 {
		q.add(chat.RelayEvent{ConversationID: uuid.New(), Seq: 1})
	}

	events := q.take()
	last := events[len(events)-1]
	if len(events) != maxRelayEvents+1 || last.StreamEvent() != (chat.ResyncEvent{}) || !last.To.Empty() {
		t.Errorf("%d events, the last %+v; want %d and a resync of everyone", len(events), last, maxRelayEvents+1)
	}
	if again := q.take(); len(again) > 0 {
		t.Errorf("taken twice: %+v", again)
	}
}
