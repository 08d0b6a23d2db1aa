package chat_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestExportIsComplete exports several pages of messages while new ones are stored.
func TestExportIsComplete(t *testing.T) {
	h := newHarness(t, limits{})
	store := func(n int) {
		for i := range n {
			m := chat.Message{ID: uuid.New(), ConversationID: h.conversation, Sender: h.bob, Body: fmt.Sprint(i)}
			if _, err := h.store.StoreDirect(ctx, h.conversation, []chat.Message{m}); err != nil {
				t.Fatal(err)
			}
		}
	}

	store(450)
	e, err := h.Accounts.Export(ctx, h.ada)
	if err != nil || len(e.Conversations) != 1 || e.Conversations[0].LastSeq != 450 || e.Format != "parley-export" {
		t.Fatalf("got %+v, %v, want 1 conversation with 450 messages", e, err)
	}

	next := int64(1)
	for m, err := range h.Messages.Export(ctx, h.ada, e.Conversations[0]) {
		if err != nil || *m.Seq != next {
			t.Fatalf("message %d: got seq %v, %v", next, m.Seq, err)
		}

		if next == 100 {
			store(10)
		}

		next++
	}

	if next != 451 {
		t.Errorf("got %d messages, want 450", next-1)
	}

	short := e.Conversations[0]
	short.LastSeq = 461 // one more than stored
	var last error
	for _, last = range h.Messages.Export(ctx, h.ada, short) {
	}

	if last == nil {
		t.Error("missing message: got no error")
	}

	eve := h.signIn("Eve").Person
	for _, err := range h.Messages.Export(ctx, eve, e.Conversations[0]) {
		if chat.KindOf(err) != chat.KindNotFound {
			t.Fatalf("export by a stranger: got %v, want NotFound", err)
		}
	}
}

func TestExportRateLimit(t *testing.T) {
	h := newHarness(t, limits{})
	var err error
	for range 5 {
		_, err = h.Accounts.Export(ctx, h.ada)
	}

	if chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("fifth export: got %v, want TooFast", err)
	}

	h.now = h.now.Add(time.Minute)
	if _, err := h.Accounts.Export(ctx, h.ada); err != nil {
		t.Errorf("export after a minute: got error %v, want nil", err)
	}
}
