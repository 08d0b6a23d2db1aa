package chattest

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testFriends(t *testing.T, s chat.Store) {
	ada, eve := account(t, s, "Ada"), account(t, s, "Eve")
	conversations := map[string]uuid.UUID{}
	for _, name := range []string{"cleo", "Bob", "Dan"} {
		conversations[name] = openDirect(t, s, ada, account(t, s, name))
	}

	Befriend(t, s, eve, account(t, s, "Bob"))
	var names []string
	for page, rounds := "", 0; rounds < 4; rounds++ {
		p, err := s.Friends(ctx, ada.ID, page, 2)
		if err != nil {
			t.Fatal(err)
		}

		for _, f := range p.Friends {
			names = append(names, f.Name)
			if f.ConversationID == nil || *f.ConversationID != conversations[f.Name] {
				t.Errorf("conversation with %s: got %v", f.Name, f.ConversationID)
			}
		}

		if page = p.Next; page == "" {
			break
		}
	}

	if !slices.Equal(names, []string{"Bob", "cleo", "Dan"}) {
		t.Errorf("got friends %v, want them by name", names)
	}

	ids, err := s.FriendIDs(ctx, ada.ID)
	if err != nil || len(ids) != 3 || !slices.Contains(ids, account(t, s, "Dan").ID) || slices.Contains(ids, eve.ID) {
		t.Errorf("FriendIDs: got %v, %v, want 3", ids, err)
	}

	_, err = s.Friends(ctx, ada.ID, "!", 2)
	wantKind(t, "unknown page token", err, chat.KindInvalid)
}

func testUnfriend(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	storeMessages(t, s, id, newMessage(bob, id, "hi", 0))

	p, err := s.Unfriend(ctx, ada.ID, bob.ID)
	if err != nil || !p.Friends || p.One != ada || p.Other != bob || p.ConversationID == nil || *p.ConversationID != id {
		t.Errorf("Unfriend: got %+v, %v, want the end of a friendship", p, err)
	}

	for _, other := range []uuid.UUID{bob.ID, uuid.New()} {
		if p, err := s.Unfriend(ctx, ada.ID, other); err != nil || p.Friends {
			t.Errorf("Unfriend of no friend: got %+v, %v, want no change", p, err)
		}
	}

	checkReadOnly := func(want bool) {
		t.Helper()
		m, err := s.Membership(ctx, chat.MembershipKey{Conversation: id, Person: ada.ID})
		if err != nil || m.Writable == want {
			t.Errorf("membership: got %+v, %v, want read-only %v", m, err, want)
		}

		c, err := s.Conversation(ctx, ada.ID, id)
		if err != nil || c.Writable == want || c.LastSeq != 1 {
			t.Errorf("conversation: got %+v, %v, want read-only %v", c, err, want)
		}

		list, err := s.Conversations(ctx, bob.ID, chat.ConversationQuery{Limit: 10})
		if err != nil || len(list.Conversations) != 1 || list.Conversations[0].Writable == want {
			t.Errorf("list: got %+v, %v, want read-only %v", list, err, want)
		}
	}

	checkReadOnly(true)
	_, _, err = s.OpenDirect(ctx, ada.ID, bob.ID)
	wantKind(t, "OpenDirect with a former friend", err, chat.KindReadOnly)
	if openDirect(t, s, bob, ada) != id {
		t.Error("friends again: got another conversation, want the same")
	}

	checkReadOnly(false)
}
