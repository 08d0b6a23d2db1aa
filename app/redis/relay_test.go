package redis

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// board is a fallback that shows what it was given, and can be told to fail.
type board struct {
	mu     sync.Mutex
	fails  int
	shown  []chat.RelayEvent
	stored map[uuid.UUID]bool
	asked  int // how often it was asked what is stored
}

func (b *board) Known(context.Context, uuid.UUID, []uuid.UUID) (map[uuid.UUID]bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.fails > 0 {
		b.fails--
		return nil, errors.New("not now")
	}
	return b.stored, nil
}

func (b *board) Notify(_ context.Context, hints []chat.RelayEvent) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails > 0 {
		b.fails--
		return errors.New("not now")
	}
	b.shown = append(b.shown, hints...)
	return nil
}

func (b *board) all() []chat.RelayEvent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown
}

func stored(talk uuid.UUID, members []uuid.UUID, from, to int64) chat.StoredConversation {
	c := chat.StoredConversation{ConversationID: talk, Members: members}
	for seq := from; seq <= to; seq++ {
		c.Messages = append(c.Messages, chat.StoredID{ID: uuid.New(), Seq: seq})
	}
	return c
}

// TestWhatRedisCantCarryGoesAnotherWay: numbers as one hint for each conversation, what can't be fetched as itself, though the fallback fails at first; what
// only tells how things are doesn't go, nor does anything while Redis answers.
func TestWhatRedisCantCarryGoesAnotherWay(t *testing.T) {
	server := redisOfOurOwn(t)
	client, err := NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	b := &board{fails: 2}
	bus := NewBus(client, b, slog.New(slog.DiscardHandler), nil)
	defer bus.Close()
	ctx := context.Background()
	ada, bob, talk, session := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	two := []uuid.UUID{ada, bob}

	bus.Stored(ctx, []chat.StoredConversation{stored(uuid.New(), two, 1, 2)}) // by Redis
	server.Kill()
	bus.Stored(ctx, []chat.StoredConversation{stored(talk, two, 1, 2)}) // finds out that it is gone
	bus.Stored(ctx, []chat.StoredConversation{stored(talk, two, 3, 7)})
	bus.Announce(ctx, message(talk, ada, 3, "in the log, and not stored yet"), two)
	bus.Publish(ctx, chat.TypingEvent{ConversationID: talk, Person: ada}, []uuid.UUID{bob})
	bus.Publish(ctx, chat.FriendEvent{State: chat.StateNone}, []uuid.UUID{bob})
	bus.Publish(ctx, chat.FriendEvent{State: chat.StateNone}, nil) // nobody
	bus.Broadcast(ctx, chat.InvalidateEvent{Session: &session})

	wait.Until(t, "all is shown", func() bool { return len(b.all()) >= 3 })
	var events, numbers int
	for _, h := range b.all() {
		switch e := h.Event.(type) {
		case nil:
			if numbers++; h.ConversationID != talk || h.Seq < 2 || len(h.To) != 2 {
				t.Errorf("shown %+v", h)
			}
		case chat.FriendEvent:
			if events++; len(h.To) != 1 || h.To[0] != bob {
				t.Errorf("shown %+v", h)
			}
		case chat.InvalidateEvent:
			if events++; h.To != nil || *e.Session != session {
				t.Errorf("shown %+v", h)
			}
		default:
			t.Errorf("shown %+v", h)
		}
	}
	if last := b.all()[len(b.all())-1]; events != 2 || numbers != 1 || last.Seq != 7 {
		t.Errorf("%d events, %d of numbers, at last up to %d", events, numbers, last.Seq)
	}

	if err := server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the bus is back", func() bool { return !bus.Down() })
	before := len(b.all())
	bus.Stored(ctx, []chat.StoredConversation{stored(talk, two, 8, 8)})
	bus.Close()
	if now := b.all()[before:]; len(now) > 0 {
		t.Errorf("with Redis back it shows %+v", now)
	}
}

// TestWaitingHintsLeaveBeforeTheEnd of their replica.
func TestWaitingHintsLeaveBeforeTheEnd(t *testing.T) {
	server := redisOfOurOwn(t)
	server.Kill()
	client, err := NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	b := &board{}
	bus := NewBus(client, b, slog.New(slog.DiscardHandler), nil)
	bus.Stored(context.Background(), []chat.StoredConversation{stored(uuid.New(), []uuid.UUID{uuid.New()}, 1, 1)})
	bus.Close()
	if len(b.all()) != 1 {
		t.Errorf("shown %+v", b.all())
	}
}

// TestTooManyHintsMakeEverybodyFetch, and the memory is bounded.
func TestTooManyHintsMakeEverybodyFetch(t *testing.T) {
	h := newRelayQueue(&board{}, slog.New(slog.DiscardHandler))
	for range maxRelayEvents + 10 {
		h.add(chat.RelayEvent{ConversationID: uuid.New(), Seq: 1})
	}
	list := h.take()
	if last := list[len(list)-1]; len(list) != maxRelayEvents+1 || last.StreamEvent() != (chat.ResyncEvent{}) || last.To != nil {
		t.Errorf("%d hints, at last %+v", len(list), last)
	}
	if again := h.take(); len(again) > 0 {
		t.Errorf("twice: %+v", again)
	}
}
