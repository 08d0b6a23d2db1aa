package redis

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// TestWhatTheTailMisses counts as pending on the replica that has it, beside the error too, and is added when Redis answers again: but not what was stored
// meanwhile, of which Redis has no mark. Until the store can tell, both stay.
func TestWhatTheTailMisses(t *testing.T) {
	server := redisOfOurOwn(t)
	client, err := NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	talk, ada := uuid.New(), uuid.New()
	first, second, third, fourth := message(talk, ada, 4, "there before"), message(talk, ada, 5, "stored meanwhile"), message(talk, ada, 6, "missed"), message(talk, ada, 7, "missed too")
	b := &board{stored: map[uuid.UUID]bool{second.ID: true}, fails: 1}
	bus := NewBus(client, b, slog.New(slog.DiscardHandler), nil)
	defer bus.Close()
	pending := func() (bodies []string, err error) {
		messages, err := bus.Pending(ctx, talk)
		for _, m := range messages {
			bodies = append(bodies, m.Body)
		}
		return bodies, err
	}

	bus.Announce(ctx, first, []uuid.UUID{ada})
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	bus.Announce(ctx, fourth, []uuid.UUID{ada}) // the answer never comes
	for _, m := range []chat.Message{third, second} {
		bus.Announce(ctx, m, []uuid.UUID{ada}) // Redis is known to be away
	}
	bus.Announce(ctx, message(uuid.New(), ada, 8, "of others"), []uuid.UUID{ada})
	if got, err := pending(); chat.KindOf(err) != chat.KindUnavailable || !slices.Equal(got, []string{"stored meanwhile", "missed", "missed too"}) {
		t.Errorf("without Redis: %q, %v", got, err)
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the tail is as it should be", func() bool {
		tail, err := bus.tail(ctx, talk)
		return err == nil && len(tail) == 3 && len(bus.backlog.all()) == 0
	})
	if got, err := pending(); err != nil || !slices.Equal(got, []string{"there before", "missed", "missed too"}) {
		t.Errorf("with Redis: %q, %v", got, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails != 0 || b.asked < 3 {
		t.Errorf("the store was asked %d times", b.asked)
	}
}

// TestLateMessagesAreForgotten when they are stored, and past their bound, the oldest first.
func TestLateMessagesAreForgotten(t *testing.T) {
	var l tailBacklog
	talk := uuid.New()
	var all []chat.Message
	for i := range maxBacklog + 2 {
		m := message(talk, uuid.New(), int64(i), "")
		all = append(all, m)
		l.add(m)
	}
	if kept := l.all()[talk]; len(kept) != maxBacklog || kept[0].ID != all[2].ID {
		t.Errorf("%d are kept", len(kept))
	}
	l.stored([]chat.StoredConversation{{ConversationID: talk, Messages: []chat.StoredID{{ID: all[3].ID, Seq: 1}}}, {ConversationID: uuid.New(), Messages: []chat.StoredID{{ID: all[4].ID, Seq: 1}}}})
	kept := l.merge(nil, talk)
	if len(kept) != maxBacklog-1 || kept[0].ID != all[2].ID || kept[1].ID != all[4].ID {
		t.Errorf("%d are kept", len(kept))
	}
}
