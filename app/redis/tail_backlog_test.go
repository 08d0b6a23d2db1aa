package redis

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// TestBacklogDuringAnOutage expects messages that Redis missed to be pending on their
// replica, also beside an error, and to be added when Redis is back. A message that was
// stored meanwhile is not added, although Redis has no stored mark for it. While the relay
// cannot say which are stored, the backlog stays.
func TestBacklogDuringAnOutage(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	ctx := context.Background()
	conversation, ada := uuid.New(), uuid.New()
	before := message(conversation, ada, 4, "before the outage")
	storedMeanwhile := message(conversation, ada, 5, "stored meanwhile")
	missed := message(conversation, ada, 6, "missed")
	timedOut := message(conversation, ada, 7, "timed out")
	relay := &memoryRelay{known: map[uuid.UUID]bool{storedMeanwhile.ID: true}, failures: 1}
	bus, _ := startBus(t, server.URL, BusOptions{Relay: relay})
	pending := func() (bodies []string, err error) {
		messages, err := bus.Pending(ctx, conversation)
		for _, m := range messages {
			bodies = append(bodies, m.Body)
		}
		return bodies, err
	}

	bus.Announce(ctx, before, chat.ToPeople(ada))
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}

	bus.Announce(ctx, timedOut, chat.ToPeople(ada)) // opens the breaker
	for _, m := range []chat.Message{missed, storedMeanwhile} {
		bus.Announce(ctx, m, chat.ToPeople(ada))
	}

	bus.Announce(ctx, message(uuid.New(), ada, 8, "of another conversation"), chat.ToPeople(ada))
	got, err := pending()
	want := []string{"stored meanwhile", "missed", "timed out"}
	if chat.KindOf(err) != chat.KindUnavailable || !slices.Equal(got, want) {
		t.Errorf("during the outage: %q and %v, want %q and an error of kind Unavailable", got, err, want)
	}

	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "the backlog is in the tails", func() bool {
		tail, err := bus.tail(ctx, conversation)
		return err == nil && len(tail) == 3 && len(bus.backlog.byConversation()) == 0
	})

	want = []string{"before the outage", "missed", "timed out"}
	if got, err := pending(); err != nil || !slices.Equal(got, want) {
		t.Errorf("after the outage: %q and %v, want %q", got, err, want)
	}

	relay.mu.Lock()
	defer relay.mu.Unlock()
	if relay.failures != 0 || relay.knownCalls < 3 {
		t.Errorf("the relay was called %d times, want at least 3, one of which fails", relay.knownCalls)
	}
}

func TestBacklogDropsStoredAndOldestMessages(t *testing.T) {
	var l tailBacklog
	conversation := uuid.New()
	var all []chat.Message
	for i := range maxBacklog + 2 {
		m := message(conversation, uuid.New(), int64(i), "")
		all = append(all, m)
		l.add(m)
	}

	if kept := l.byConversation()[conversation]; len(kept) != maxBacklog || kept[0].ID != all[2].ID {
		t.Errorf("%d messages are kept, want the last %d", len(kept), maxBacklog)
	}

	l.stored([]chat.StoredConversation{
		{ConversationID: conversation, Messages: []chat.StoredID{{ID: all[3].ID, Seq: 1}}},
		{ConversationID: uuid.New(), Messages: []chat.StoredID{{ID: all[4].ID, Seq: 1}}},
	})

	kept := l.merge(nil, conversation)
	if len(kept) != maxBacklog-1 || kept[0].ID != all[2].ID || kept[1].ID != all[4].ID {
		t.Errorf("%d messages are kept, want %d without the stored one", len(kept), maxBacklog-1)
	}
}
