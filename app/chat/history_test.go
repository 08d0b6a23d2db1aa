package chat_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

// concurrentWriteStore is a store where a message is stored just before one of the reads of a page.
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
	w.storeBefore("the conversation")
	return w.Store.Conversation(ctx, viewer, id)
}

func (w *concurrentWriteStore) Messages(ctx context.Context, id uuid.UUID, r chat.Range) ([]chat.Message, bool, error) {
	w.storeBefore("the messages")
	return w.Store.Messages(ctx, id, r)
}

func (w *concurrentWriteStore) Known(ctx context.Context, id uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	w.storeBefore("what is known")
	return w.Store.Known(ctx, id, ids)
}

func (w *concurrentWriteStore) FilterReturned(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	w.storeBefore("what was returned")
	return w.Store.FilterReturned(ctx, ids)
}

// TestAMessageIsOnThePageWhenItIsStoredMeanwhile: once, before whichever read it is stored.
func TestAMessageIsOnThePageWhenItIsStoredMeanwhile(t *testing.T) {
	for _, before := range []string{"nothing", "the conversation", "the messages", "what is known", "what was returned"} {
		h := newHarness(t, limits{})
		m, err := h.send("on its way")
		if err != nil {
			t.Fatal(err)
		}

		page, err := h.replicaOn(ports{store: &concurrentWriteStore{h.store, m, before}}).
			History(ctx, h.bob, h.conversation, chat.Range{})
		if err != nil || len(page.Messages)+len(page.Pending) != 1 {
			t.Errorf(
				"stored before %s is read: %d stored, %d pending, %v",
				before,
				len(page.Messages),
				len(page.Pending),
				err,
			)
		}
	}
}

func TestHistoryWithoutTheStoreIsTheTail(t *testing.T) {
	h := newHarness(t, limits{})
	m, err := h.send("still here")
	if err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil || page.Complete || len(page.Pending) != 1 || page.Pending[0].ID != m.ID ||
		page.Conversation.Title != "Bob" {
		t.Errorf("history %+v, %v", page, err)
	}

	if _, err := h.send("and sending is unchanged"); err != nil {
		t.Errorf("sending: %v", err)
	}

	h.bus.Down = true
	if _, err := h.History(ctx, h.ada, h.conversation, chat.Range{}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("with the tail down too: %v", err)
	}
}

func TestHistoryWithoutTheBusDoesntKnowWhatIsPending(t *testing.T) {
	h := newHarness(t, limits{})
	h.bus.Down = true
	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil || page.Pending != nil || !page.Newest || !page.Complete {
		t.Errorf("history %+v, %v", page, err)
	}
}
