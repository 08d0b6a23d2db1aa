package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/app/chat"
)

// sendAndReturn sends a message and returns it to its sender, like the message writer.
func (h *harness) sendAndReturn(body string, cause error) chat.Message {
	h.t.Helper()
	m, err := h.send(body)
	if err == nil {
		err = h.ReturnMessage(ctx, m, cause)
	}

	if err != nil {
		h.t.Fatal(err)
	}

	return m
}

// page returns the latest page of the conversation.
func (h *harness) page(viewer chat.Person) chat.History {
	h.t.Helper()
	page, err := h.History(ctx, viewer, h.conversation, chat.Range{})
	if err != nil {
		h.t.Fatal(err)
	}
	return page
}

func TestReturnedMessageIsVisibleToItsSenderOnly(t *testing.T) {
	h := newHarness(t, limits{})
	cause := fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrCharacters)
	m := h.sendAndReturn("hello", cause)
	if err := h.ReturnMessage(ctx, m, cause); err != nil { // delivered again
		t.Fatal(err)
	}

	hers, his := h.page(h.ada), h.page(h.bob)
	if len(hers.Returned) != 1 || hers.Returned[0].Message.Body != "hello" ||
		hers.Returned[0].Reason != "It has characters that can’t be kept." || len(hers.Pending) != 0 {
		t.Errorf("sender: got %+v, want 1 returned message", hers)
	}

	if len(his.Returned)+len(his.Pending)+len(his.Messages) != 0 || his.Returned == nil {
		t.Errorf("recipient: got %+v, want an empty page", his)
	}

	want := []chat.EventKind{chat.EventMessage, chat.EventResync, chat.EventResync}
	if got := h.received(); !slices.Equal(got, want) {
		t.Errorf("events of the recipient: got %v, want %v", got, want)
	}

	returnedEvents := 0
	for _, p := range h.bus.Published {
		if e, ok := p.Event.(chat.ReturnedEvent); ok {
			returnedEvents++
			if p.To != h.ada.ID || e.Message.ID != m.ID || e.Reason != hers.Returned[0].Reason {
				t.Errorf("returned event: got %+v, want the message and its reason for the sender", p)
			}
		}
	}

	list, err := h.Conversations(ctx, h.ada, chat.ConversationQuery{})
	if returnedEvents != 2 || err != nil || !list.Conversations[0].Returned {
		t.Errorf("sender: got %d events, list %+v, %v, want 2 and a returned message", returnedEvents, list, err)
	}

	list, err = h.Conversations(ctx, h.bob, chat.ConversationQuery{})
	if err != nil || list.Conversations[0].Returned {
		t.Errorf("list of the recipient: got %+v, %v, want no returned message", list, err)
	}
}

// TestAForgedMessageIsReturnedToNobody: the person whose name it has did not write it.
func TestAForgedMessageIsReturnedToNobody(t *testing.T) {
	h := newHarness(t, limits{})
	m, err := h.send("hello")
	if err != nil {
		t.Fatal(err)
	}

	before := len(h.bus.Published)
	cause := fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrNotMember)
	if err := h.ReturnMessage(ctx, m, cause); err != nil || len(h.bus.Published) != before {
		t.Errorf("got %v and events %v, want none", err, h.bus.Published[before:])
	}
	if page := h.page(h.ada); len(page.Returned) != 0 {
		t.Errorf("got %+v, want no returned message", page.Returned)
	}
}

// TestReturnedMessageInTheTailIsNotPending: the tail still has the message if the bus was
// down at its return.
func TestReturnedMessageInTheTailIsNotPending(t *testing.T) {
	h := newHarness(t, limits{})
	m := h.sendAndReturn("hello", chat.ErrContent)
	h.bus.Announce(ctx, m, chat.Audience{})
	if page := h.page(h.bob); len(page.Pending) != 0 {
		t.Errorf("got pending %+v, want none", page.Pending)
	}
}

func TestReturnFailsWhileTheStoreIsDown(t *testing.T) {
	h := newHarness(t, limits{})
	m, err := h.send("hello")
	if err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	if err := h.ReturnMessage(ctx, m, chat.ErrContent); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("store down: got %v, want Unavailable", err)
	}

	if tail, _ := h.bus.Pending(ctx, h.conversation); len(tail) != 1 {
		t.Errorf("store down: got tail %v, want 1 message", tail)
	}

	h.store.Down = false
	if err := h.ReturnMessage(ctx, m, chat.ErrContent); err != nil || len(h.page(h.ada).Returned) != 1 {
		t.Errorf("store up: got %v, %+v, want 1 returned message", err, h.page(h.ada).Returned)
	}
}

// TestReturnRejectedByTheStore: only the dead letter has the message. The writer
// continues.
func TestReturnRejectedByTheStore(t *testing.T) {
	h := newHarness(t, limits{})
	h.store.Refuse = errors.New("rejected")
	h.sendAndReturn("hello", chat.ErrContent)
	if tail, _ := h.bus.Pending(ctx, h.conversation); len(tail) != 0 {
		t.Errorf("got tail %+v, want none", tail)
	}
}

func TestReturnReasons(t *testing.T) {
	for name, tt := range map[string]struct {
		cause error
		want  string
	}{
		"characters": {fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrCharacters), "It has characters that can’t be kept."},
		"length":     {fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrTooLong), "It is too long to be kept."},
		"other": {
			errors.Join(chat.ErrContent, errors.New(`pq: internal "hello"`)),
			"The database would not take it as it is.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			m, err := h.send("hello")
			if err != nil {
				t.Fatal(err)
			}

			m.Body = "a\x00b\xff" + strings.Repeat("é", 3)
			if err := h.ReturnMessage(ctx, m, tt.cause); err != nil {
				t.Fatal(err)
			}

			if got := h.page(h.ada).Returned; len(got) != 1 || got[0].Reason != tt.want ||
				got[0].Message.Body != "a\uFFFDb\uFFFDééé" {
				t.Errorf("got %+v, want reason %q and a valid text", got, tt.want)
			}
		})
	}
}

func TestDismissReturnedPublishesAResync(t *testing.T) {
	h := newHarness(t, limits{})
	m := h.sendAndReturn("hello", chat.ErrContent)
	if _, err := h.DismissReturned(ctx, h.bob, m.ID); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("message of another person: got %v, want NotFound", err)
	}

	h.bus.Published = nil
	if in, err := h.DismissReturned(ctx, h.ada, m.ID); err != nil || in != h.conversation {
		t.Errorf("got conversation %v, %v, want %v", in, err, h.conversation)
	}

	if got := h.bus.Published; len(got) != 1 || got[0].To != h.ada.ID || got[0].Event.Kind() != chat.EventResync {
		t.Errorf("got events %+v, want 1 resync of the sender", got)
	}

	if got := h.page(h.ada).Returned; got == nil || len(got) != 0 {
		t.Errorf("dismissed: got %+v, want an empty list", got)
	}
}
