package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/app/chat"
)

// returns sends a message and returns it to its sender, like the writer.
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

func (h *harness) page(viewer chat.Person) chat.History {
	h.t.Helper()
	page, err := h.History(ctx, viewer, h.conversation, chat.Range{})
	if err != nil {
		h.t.Fatal(err)
	}
	return page
}

func TestAReturnedMessageIsItsSendersAlone(t *testing.T) {
	h := newHarness(t, limits{})
	cause := fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrCharacters)
	m := h.sendAndReturn("words", cause)
	if err := h.ReturnMessage(ctx, m, cause); err != nil { // delivered again
		t.Fatal(err)
	}

	hers, his := h.page(h.ada), h.page(h.bob)
	if len(hers.Returned) != 1 || hers.Returned[0].Message.Body != "words" ||
		hers.Returned[0].Reason != "It has characters that can’t be kept." || len(hers.Pending) != 0 {
		t.Errorf("she sees %+v", hers)
	}

	if len(his.Returned)+len(his.Pending)+len(his.Messages) != 0 || his.Returned == nil {
		t.Errorf("he sees %+v", his)
	}

	if got := h.received(); !slices.Equal(got, []chat.EventKind{chat.EventMessage, chat.EventResync, chat.EventResync}) {
		t.Errorf("he received %v", got)
	}

	returnedEvents := 0
	for _, p := range h.bus.Published {
		if e, ok := p.Event.(chat.ReturnedEvent); ok {
			returnedEvents++
			if p.To != h.ada.ID || e.Message.ID != m.ID || e.Reason != hers.Returned[0].Reason {
				t.Errorf("%+v", p)
			}
		}
	}

	list, err := h.Conversations(ctx, h.ada, chat.ConversationQuery{})
	if returnedEvents != 2 || err != nil || !list.Conversations[0].Returned {
		t.Errorf("she was notified %d times; her list is %+v, %v", returnedEvents, list, err)
	}

	list, err = h.Conversations(ctx, h.bob, chat.ConversationQuery{})
	if err != nil || list.Conversations[0].Returned {
		t.Errorf("his list is %+v, %v", list, err)
	}
}

// TestATailThatKeepsAReturnedMessage: the bus was down when it was returned.
func TestATailThatKeepsAReturnedMessage(t *testing.T) {
	h := newHarness(t, limits{})
	m := h.sendAndReturn("words", chat.ErrContent)
	h.bus.Announce(ctx, m, nil)
	if page := h.page(h.bob); len(page.Pending) != 0 {
		t.Errorf("he sees %+v", page.Pending)
	}
}

func TestReturningWaitsForTheStore(t *testing.T) {
	h := newHarness(t, limits{})
	m, err := h.send("words")
	if err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	if err := h.ReturnMessage(ctx, m, chat.ErrContent); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("got %v", err)
	}

	if tail, _ := h.bus.Pending(ctx, h.conversation); len(tail) != 1 {
		t.Error("it is neither pending nor returned")
	}

	h.store.Down = false
	if err := h.ReturnMessage(ctx, m, chat.ErrContent); err != nil || len(h.page(h.ada).Returned) != 1 {
		t.Errorf("%v, %+v", err, h.page(h.ada).Returned)
	}
}

// TestTheStoreRefusesTheReturnToo: only the dead letter has the message, and the
// writer continues.
func TestTheStoreRefusesTheReturnToo(t *testing.T) {
	h := newHarness(t, limits{})
	h.store.Refuse = errors.New("refused for good")
	h.sendAndReturn("words", chat.ErrContent)
	if tail, _ := h.bus.Pending(ctx, h.conversation); len(tail) != 0 {
		t.Errorf("the tail has %+v", tail)
	}
}

func TestReasonsAndTextThatCantBeKept(t *testing.T) {
	for name, tt := range map[string]struct {
		cause error
		want  string
	}{
		"characters": {fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrCharacters), "It has characters that can’t be kept."},
		"length":     {fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrTooLong), "It is too long to be kept."},
		"other":      {errors.Join(chat.ErrContent, errors.New(`pq: internal "words"`)), "The database would not take it as it is."},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			m, err := h.send("words")
			if err != nil {
				t.Fatal(err)
			}

			m.Body = "a\x00b\xff" + strings.Repeat("é", 3)
			if err := h.ReturnMessage(ctx, m, tt.cause); err != nil {
				t.Fatal(err)
			}

			if got := h.page(h.ada).Returned; len(got) != 1 || got[0].Reason != tt.want ||
				got[0].Message.Body != "a\uFFFDb\uFFFDééé" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestDismissingTellsOnesOtherPages(t *testing.T) {
	h := newHarness(t, limits{})
	m := h.sendAndReturn("words", chat.ErrContent)
	if _, err := h.DismissReturned(ctx, h.bob, m.ID); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("another's: %v", err)
	}

	h.bus.Published = nil
	if in, err := h.DismissReturned(ctx, h.ada, m.ID); err != nil || in != h.conversation {
		t.Errorf("dismissed in %v, %v", in, err)
	}

	if got := h.bus.Published; len(got) != 1 || got[0].To != h.ada.ID || got[0].Event.Kind() != chat.EventResync {
		t.Errorf("published %+v", got)
	}

	if got := h.page(h.ada).Returned; got == nil || len(got) != 0 {
		t.Errorf("still there: %+v", got)
	}
}
