package chat_test

import (
	"context"
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
	session := h.signIn("Ada")
	e, err := h.Accounts.Export(ctx, h.ada)
	if err != nil || len(e.Conversations) != 1 || e.Conversations[0].LastSeq != 450 || e.Format != "parley-export" {
		t.Fatalf("got %+v, %v, want 1 conversation with 450 messages", e, err)
	}

	next := int64(1)
	for m, err := range h.Messages.Export(ctx, session, e.Conversations[0]) {
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
	for _, last = range h.Messages.Export(ctx, session, short) {
	}

	if last == nil {
		t.Error("missing message: got no error")
	}

	eve := h.signIn("Eve")
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

// TestWorkEndsWithItsSession: each way to end a session ends its work here, and an export
// of messages before its next page. The work of other sessions goes on.
func TestWorkEndsWithItsSession(t *testing.T) {
	for name, end := range map[string]func(h *harness, phone, desk chat.Session) error{
		"sign-out":     func(h *harness, phone, _ chat.Session) error { return h.SignOut(ctx, phone) },
		"revocation":   func(h *harness, phone, _ chat.Session) error { return h.EndSession(ctx, phone.Person, phone.ID) },
		"of all other": func(h *harness, _, desk chat.Session) error { return h.EndOtherSessions(ctx, desk) },
		"deletion":     func(h *harness, phone, _ chat.Session) error { return h.DeleteAccount(ctx, phone.Person, "Ada") },
		"a lost event": func(h *harness, phone, _ chat.Session) error {
			if err := h.store.DeleteSession(ctx, phone.ID); err != nil {
				return err
			}
			_, err := h.EndedSessions(ctx, h.WorkingSessions())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			phone, desk, bob := h.signIn("Ada"), h.signIn("Ada"), h.signIn("Bob")
			for i := range 300 {
				m := chat.Message{ID: uuid.New(), ConversationID: h.conversation, Sender: h.bob, Body: fmt.Sprint(i)}
				if _, err := h.store.StoreDirect(ctx, h.conversation, []chat.Message{m}); err != nil {
					t.Fatal(err)
				}
			}

			working, stop := h.WithSession(ctx, phone)
			defer stop()
			others, stopOthers := h.WithSession(ctx, bob)
			e, err := h.Accounts.Export(ctx, h.ada)
			if err != nil {
				t.Fatal(err)
			}

			exported := 0
			var last error
			for _, last = range h.Messages.Export(ctx, phone, e.Conversations[0]) {
				if last != nil {
					break
				}
				if exported++; exported == 1 {
					if err := end(h, phone, desk); err != nil {
						t.Fatal(err)
					}
				}
			}
			if chat.KindOf(last) != chat.KindSignedOut || exported > 200 {
				t.Errorf("the export ended after %d messages with %v, want SignedOut after a page", exported, last)
			}

			<-working.Done()
			if cause := context.Cause(working); chat.KindOf(cause) != chat.KindSignedOut {
				t.Errorf("the work ended with %v, want SignedOut", cause)
			}
			if others.Err() != nil {
				t.Error("another session's work ended")
			}

			stop()
			stopOthers()
			if left := h.WorkingSessions(); len(left) > 0 {
				t.Errorf("work is left: %v", left)
			}
		})
	}
}
