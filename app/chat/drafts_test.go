package chat_test

import (
	"strings"
	"testing"

	"parley/app/chat"
	"parley/test/wait"
)

// saveDraft saves a draft by Ada.
func (h *harness) saveDraft(client, body string) {
	h.t.Helper()
	if err := h.SaveDraft(ctx, h.ada, h.conversation, chat.NewDraft{ClientID: client, Body: body}); err != nil {
		h.t.Fatal(err)
	}
}

// draft returns Ada's draft. The conversation and the list must have the same draft.
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

func TestDraftIsKeptUntilSent(t *testing.T) {
	h := newHarness(t, limits{})
	client := chat.NewID().String()
	h.saveDraft(client, "half a\r\nthought  ")
	if got := h.draft(); got != "half a\nthought  " {
		t.Errorf("got draft %q, want the saved text", got)
	}

	theirs, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
	if err != nil || theirs.Conversation.Draft != (chat.Draft{}) {
		t.Errorf("Bob's draft: got %+v, %v, want none", theirs.Conversation.Draft, err)
	}

	in := chat.NewMessage{ClientID: client, Body: "a whole thought", Draft: true}
	if _, err := h.Send(ctx, h.ada, h.conversation, in); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "the sent draft is removed", func() bool { return h.draft() == "" })
	late := chat.NewDraft{ClientID: client, Body: "half a"} // requested before the send, processed after it
	if err := h.SaveDraft(ctx, h.ada, h.conversation, late); chat.KindOf(err) != chat.KindSpent {
		t.Errorf("draft saved after its message: got %v, want Spent", err)
	}
	h.saveDraft(client, "a whole thought") // the message itself
	if got := h.draft(); got != "" {
		t.Errorf("draft saved after its message: got %q, want none", got)
	}

	h.saveDraft(chat.NewID().String(), "the next")
	if got := h.draft(); got != "the next" {
		t.Errorf("got draft %q, want the saved text", got)
	}

	h.saveDraft("", "")
	if got := h.draft(); got != "" {
		t.Errorf("emptied draft: got %q, want none", got)
	}
}

// TestSentDraftIsNotShownAgain: the process ended, or the store was down, between the
// acknowledgement and the deletion of the draft.
func TestSentDraftIsNotShownAgain(t *testing.T) {
	h := newHarness(t, limits{})
	client := chat.NewID().String()
	h.saveDraft(client, "said")
	if _, err := h.Send(ctx, h.ada, h.conversation, chat.NewMessage{ClientID: client, Body: "said"}); err != nil {
		t.Fatal(err)
	}

	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil || len(page.Pending) != 1 || page.Conversation.Draft.Body != "" {
		t.Errorf("got pending %v, draft %q, %v, want 1 and none", page.Pending, page.Conversation.Draft.Body, err)
	}
}

func TestSendDoesNotWaitForTheDraft(t *testing.T) {
	h := newHarness(t, limits{})
	client := chat.NewID().String()
	h.saveDraft(client, "said")
	h.store.Down = true
	in := chat.NewMessage{ClientID: client, Body: "said", Draft: true}
	if _, err := h.Send(ctx, h.ada, h.conversation, in); err != nil {
		t.Errorf("store down: got error %v, want nil", err)
	}
}

func TestInvalidDrafts(t *testing.T) {
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
		"no member":    {eve, chat.NewDraft{Body: "a"}, chat.KindNotFound, ""},
		"blank":        {h.ada, chat.NewDraft{Body: "  \n"}, "", ""},
		"max length":   {h.ada, chat.NewDraft{Body: strings.Repeat("x", chat.MaxBodyBytes)}, "", ""},
		"max message":  {h.ada, chat.NewDraft{Body: strings.Repeat("🎹", chat.MaxBodyRunes)}, "", ""},
		"max lines":    {h.ada, chat.NewDraft{Body: strings.Repeat("\r\n", chat.MaxBodyBytes)}, "", ""},
	} {
		err := h.SaveDraft(ctx, tt.by, h.conversation, tt.in)
		if e, ok := err.(*chat.Error); chat.KindOf(err) != tt.kind || ok && e.Field != tt.field {
			t.Errorf("%s: got %v, want kind %q, field %q", name, err, tt.kind, tt.field)
		}
	}

	var err error
	for range 100 {
		if err = h.SaveDraft(ctx, h.ada, h.conversation, chat.NewDraft{Body: "a"}); err != nil {
			break
		}
	}

	if chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("100 drafts at once: got %v, want TooFast", err)
	}
}
