package chat_test

import (
	"strings"
	"testing"

	"parley/app/chat"
	"parley/test/wait"
)

func (h *harness) saveDraft(client, body string) {
	h.t.Helper()
	if err := h.SaveDraft(ctx, h.ada, h.conversation, chat.NewDraft{ClientID: client, Body: body}); err != nil {
		h.t.Fatal(err)
	}
}

// draft returns Ada's draft, which the conversation and the list must agree on.
func (h *harness) draft() string {
	h.t.Helper()
	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil {
		h.t.Fatal(err)
	}

	list, err := h.Conversations(ctx, h.ada, chat.ConversationQuery{})
	if err != nil {
		h.t.Fatal(err)
	}

	listed, open := list.Conversations[0].Draft, page.Conversation.Draft
	if listed != open {
		return "listed as " + listed.Body + ", open as " + open.Body
	}

	return open.Body
}

func TestADraftIsKeptUntilItIsSent(t *testing.T) {
	h := newHarness(t, limits{})
	client := chat.NewID().String()
	h.saveDraft(client, "half a\r\nthought  ")
	if got := h.draft(); got != "half a\nthought  " {
		t.Errorf("kept %q", got)
	}

	theirs, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
	if err != nil || theirs.Conversation.Draft != (chat.Draft{}) {
		t.Errorf("Bob reads %+v, %v", theirs.Conversation.Draft, err)
	}

	if _, err := h.Send(ctx, h.ada, h.conversation, chat.NewMessage{ClientID: client, Body: "a whole thought", Draft: true}); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "the drafts are as expected", func() bool { return h.draft() == "" })
	h.saveDraft(client, "half a") // on its way since before it was sent
	if got := h.draft(); got != "" {
		t.Errorf("a late draft came back: %q", got)
	}

	h.saveDraft(chat.NewID().String(), "the next")
	if got := h.draft(); got != "the next" {
		t.Errorf("kept %q", got)
	}

	h.saveDraft("", "")
	if got := h.draft(); got != "" {
		t.Errorf("emptied, there is %q", got)
	}
}

// TestASentDraftIsntShownAgain: the process ends, or the store is down, between the
// acknowledgement and the deletion of the draft.
func TestASentDraftIsntShownAgain(t *testing.T) {
	h := newHarness(t, limits{})
	client := chat.NewID().String()
	h.saveDraft(client, "said")
	if _, err := h.Send(ctx, h.ada, h.conversation, chat.NewMessage{ClientID: client, Body: "said"}); err != nil {
		t.Fatal(err)
	}

	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil || len(page.Pending) != 1 || page.Conversation.Draft.Body != "" {
		t.Errorf("pending %v, and the draft %q, %v", page.Pending, page.Conversation.Draft.Body, err)
	}
}

func TestSendingDoesntWaitForTheDraft(t *testing.T) {
	h := newHarness(t, limits{})
	client := chat.NewID().String()
	h.saveDraft(client, "said")
	h.store.Down = true
	if _, err := h.Send(ctx, h.ada, h.conversation, chat.NewMessage{ClientID: client, Body: "said", Draft: true}); err != nil {
		t.Errorf("with the store down: %v", err)
	}
}

func TestBadDrafts(t *testing.T) {
	h := newHarness(t, limits{})
	eve := h.signIn("Eve").Person
	for name, tt := range map[string]struct {
		by    chat.Person
		in    chat.NewDraft
		kind  chat.Kind
		field string
	}{
		"too long":     {h.ada, chat.NewDraft{Body: strings.Repeat("x", chat.MaxBodyBytes+1)}, chat.KindInvalid, "body"},
		"NUL":          {h.ada, chat.NewDraft{Body: "a\x00"}, chat.KindInvalid, "body"},
		"not UTF-8":    {h.ada, chat.NewDraft{Body: "a\xff"}, chat.KindInvalid, "body"},
		"no client id": {h.ada, chat.NewDraft{Body: "a", ClientID: "42"}, chat.KindInvalid, "client_id"},
		"a stranger's": {eve, chat.NewDraft{Body: "a"}, chat.KindNotFound, ""},
		"blank":        {h.ada, chat.NewDraft{Body: "  \n"}, "", ""},
		"as long as":   {h.ada, chat.NewDraft{Body: strings.Repeat("x", chat.MaxBodyBytes)}, "", ""},
	} {
		err := h.SaveDraft(ctx, tt.by, h.conversation, tt.in)
		if e, ok := err.(*chat.Error); chat.KindOf(err) != tt.kind || ok && e.Field != tt.field {
			t.Errorf("%s: %v", name, err)
		}
	}

	var err error
	for range 100 {
		if err = h.SaveDraft(ctx, h.ada, h.conversation, chat.NewDraft{Body: "a"}); err != nil {
			break
		}
	}

	if chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("a hundred at once: %v", err)
	}
}
