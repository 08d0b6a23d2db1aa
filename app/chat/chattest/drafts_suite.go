package chattest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testDrafts(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	conversation, other := openDirect(t, s, ada, bob), openDirect(t, s, ada, account(t, s, "Cleo"))
	first, second := chat.NewID(), chat.NewID()
	save := func(client uuid.UUID, body string) {
		t.Helper()
		if err := s.SaveDraft(ctx, ada.ID, conversation, chat.Draft{ClientID: client, Body: body}); err != nil {
			t.Fatal(err)
		}
	}

	sent := func(client uuid.UUID) {
		t.Helper()
		if err := s.SentDraft(ctx, ada.ID, conversation, client); err != nil {
			t.Fatal(err)
		}
	}

	check := func(when string, client uuid.UUID, body string) {
		t.Helper()
		got, err := s.Drafts(ctx, ada.ID, []uuid.UUID{conversation, other})
		want := chat.Draft{ClientID: client, Body: body}
		if body == "" {
			want = chat.Draft{}
		}

		have, ok := got[conversation]
		if ok && time.Since(have.SavedAt).Abs() > time.Hour {
			t.Errorf("%s: saved at %v", when, have.SavedAt)
		}

		have.SavedAt = time.Time{}
		if err != nil || have != want || ok != (body != "") || len(got) > 1 {
			t.Errorf("%s: got %v, %v, want %q", when, got, err, body)
		}
	}

	refuse := func(client uuid.UUID, body string) {
		t.Helper()
		err := s.SaveDraft(ctx, ada.ID, conversation, chat.Draft{ClientID: client, Body: body})
		wantKind(t, "draft of a sent message", err, chat.KindSpent)
	}

	check("before", first, "")
	save(first, "hel")
	save(first, "hello\n  there")
	check("saved twice", first, "hello\n  there")
	if theirs, err := s.Drafts(ctx, bob.ID, []uuid.UUID{conversation}); err != nil || len(theirs) != 0 {
		t.Errorf("drafts of the other person: got %v, %v, want none", theirs, err)
	}

	save(second, "from another device")
	check("saved elsewhere", second, "from another device")
	sent(first)
	check("after another message was sent", second, "from another device")
	save(second, "")
	check("emptied", second, "")
	save(second, "typed again")
	check("typed again", second, "typed again")
	sent(second)
	sent(second)
	check("sent", second, "")
	refuse(second, "late")
	check("draft saved after its message", second, "")
	save(second, "")
	refuse(second, "late again")
	check("draft saved after its message and emptied", second, "")
	third := chat.NewID()
	save(third, "the next message")
	check("the next message", third, "the next message")

	fourth := chat.NewID()
	save(third, "")
	sent(fourth) // before its draft is saved
	refuse(fourth, "late")
	check("first draft saved after its message", fourth, "")

	// A message that was sent without its draft, from a page that didn't know of one.
	m := newMessage(ada, conversation, "sent from another page", 0)
	storeMessages(t, s, conversation, m)
	refuse(m.ClientID, "typed on")
	save(m.ClientID, "")
	fifth := newMessage(bob, conversation, "by the other person", 1)
	storeMessages(t, s, conversation, fifth)
	save(fifth.ClientID, "not one's own message")
	check("the client id of another person's message", fifth.ClientID, "not one's own message")
	for _, body := range []string{"\n\nx", " \n ", "x\n", "\u00a0x\t"} {
		save(third, body)
		check("white space", third, body)
	}
}
