package chattest

import (
	"testing"

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

		if _, ok := got[conversation]; err != nil || got[conversation] != want || ok != (body != "") || len(got) > 1 {
			t.Errorf("%s: got %v, %v, want %q", when, got, err, body)
		}
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
	save(second, "late")
	check("draft saved after its message", second, "")
	save(second, "")
	save(second, "late again")
	check("draft saved after its message and emptied", second, "")
	third := chat.NewID()
	save(third, "the next message")
	check("the next message", third, "the next message")

	fourth := chat.NewID()
	save(third, "")
	sent(fourth) // before its draft is saved
	save(fourth, "late")
	check("first draft saved after its message", fourth, "")
}
