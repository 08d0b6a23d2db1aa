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

	keeps := func(when string, client uuid.UUID, body string) {
		t.Helper()
		got, err := s.Drafts(ctx, ada.ID, []uuid.UUID{conversation, other})
		want := chat.Draft{ClientID: client, Body: body}
		if body == "" {
			want = chat.Draft{}
		}

		if _, ok := got[conversation]; err != nil || got[conversation] != want || ok != (body != "") || len(got) > 1 {
			t.Errorf("%s: %v, %v; want %q", when, got, err, body)
		}
	}

	keeps("before", first, "")
	save(first, "hel")
	save(first, "hello\n  there")
	keeps("saved twice", first, "hello\n  there")
	if theirs, err := s.Drafts(ctx, bob.ID, []uuid.UUID{conversation}); err != nil || len(theirs) != 0 {
		t.Errorf("the other person has %v, %v", theirs, err)
	}

	save(second, "from another device")
	keeps("saved elsewhere", second, "from another device")
	sent(first)
	keeps("after another message was sent", second, "from another device")
	save(second, "")
	keeps("emptied", second, "")
	save(second, "typed again")
	keeps("typed again", second, "typed again")
	sent(second)
	sent(second)
	keeps("sent", second, "")
	save(second, "late")
	keeps("a draft that came after its message", second, "")
	save(second, "")
	save(second, "late again")
	keeps("emptying doesn't make room for a late one", second, "")
	third := chat.NewID()
	save(third, "the next message")
	keeps("the next message", third, "the next message")

	fourth := chat.NewID()
	save(third, "")
	sent(fourth) // its draft is still on its way
	save(fourth, "late")
	keeps("a first draft that came after its message", fourth, "")
}
