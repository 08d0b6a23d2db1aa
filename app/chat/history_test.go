package chat_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

// concurrentWriteStore stores a message just before one of the reads of a page.
type concurrentWriteStore struct {
	*chattest.Store
	message chat.Message
	before  string
}

func (w *concurrentWriteStore) storeBefore(read string) {
	if read == w.before {
		_, _ = w.StoreDirect(context.Background(), w.message.ConversationID, []chat.Message{w.message})
	}
}

func (w *concurrentWriteStore) Conversation(ctx context.Context, viewer, id uuid.UUID) (chat.Conversation, error) {
	w.storeBefore("conversation")
	return w.Store.Conversation(ctx, viewer, id)
}

func (w *concurrentWriteStore) Messages(
	ctx context.Context, viewer, id uuid.UUID, r chat.Range,
) ([]chat.Message, bool, error) {
	w.storeBefore("messages")
	return w.Store.Messages(ctx, viewer, id, r)
}

func (w *concurrentWriteStore) Known(ctx context.Context, id uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	w.storeBefore("known ids")
	return w.Store.Known(ctx, id, ids)
}

func (w *concurrentWriteStore) FilterReturned(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	w.storeBefore("returned ids")
	return w.Store.FilterReturned(ctx, ids)
}

// TestHistoryDuringAWriteHasTheMessageOnce: the page has a message exactly once, at
// whichever point of the reads the message is stored.
func TestHistoryDuringAWriteHasTheMessageOnce(t *testing.T) {
	for _, before := range []string{"nothing", "conversation", "messages", "known ids", "returned ids"} {
		h := newHarness(t, limits{})
		m, err := h.send("pending")
		if err != nil {
			t.Fatal(err)
		}

		page, err := h.replicaOn(ports{store: &concurrentWriteStore{h.store, m, before}}).
			History(ctx, h.bob, h.conversation, chat.Range{})
		if err != nil || len(page.Messages)+len(page.Pending) != 1 {
			t.Errorf("stored before the read of %s: got %d stored, %d pending, %v, want 1 in total",
				before, len(page.Messages), len(page.Pending), err)
		}
	}
}

func TestHistoryWithoutStoreIsTheTail(t *testing.T) {
	h := newHarness(t, limits{})
	m, err := h.send("still here")
	if err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil || page.Complete || len(page.Pending) != 1 || page.Pending[0].ID != m.ID ||
		page.Conversation.Title != "Bob" {
		t.Errorf("got %+v, %v, want an incomplete page with 1 pending message", page, err)
	}

	if _, err := h.send("sent during the outage"); err != nil {
		t.Errorf("Send with the store down: got error %v, want nil", err)
	}

	h.bus.Down = true
	if _, err := h.History(ctx, h.ada, h.conversation, chat.Range{}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("store and bus down: got %v, want Unavailable", err)
	}
}

func TestHistoryWithoutBusHasUnknownPending(t *testing.T) {
	h := newHarness(t, limits{})
	h.bus.Down = true
	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil || page.Pending != nil || !page.Newest || !page.Complete {
		t.Errorf("got %+v, %v, want a complete page with unknown pending messages", page, err)
	}
}

// TestFirstUnreadOfAGroup: what is unread in a group is counted without messages of the system.
func TestFirstUnreadOfAGroup(t *testing.T) {
	for want, c := range map[int64]chat.Conversation{
		10: {LastSeq: 9, ReadSeq: 4, Unread: 0},
		5:  {LastSeq: 9, ReadSeq: 4, Unread: 2},
	} {
		c.Kind = chat.GroupConversation
		if got := c.FirstUnread(); got != want {
			t.Errorf("read %d, %d unread: got %d, want %d", c.ReadSeq, c.Unread, got, want)
		}
	}
}
