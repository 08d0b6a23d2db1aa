package chattest

import (
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

// partings end a friendship between Ada and Bob.
var partings = map[string]func(s chat.Store, ada, bob chat.Person) error{
	"unfriended": func(s chat.Store, ada, bob chat.Person) error {
		_, err := s.Unfriend(ctx, ada.ID, bob.ID)
		return err
	},
	"blocked": func(s chat.Store, ada, bob chat.Person) error {
		_, err := s.Block(ctx, ada.ID, bob.ID, noon)
		return err
	},
	"parted twice": func(s chat.Store, ada, bob chat.Person) error {
		if _, err := s.Unfriend(ctx, ada.ID, bob.ID); err != nil {
			return err
		}
		_, err := s.Block(ctx, ada.ID, bob.ID, noon)
		return err
	},
}

// testLastViews: after the end of a friendship, each of the two sees the other one's name,
// picture and marks as they were, everywhere, until they are friends again.
func testLastViews(t *testing.T, s chat.Store) {
	for name, part := range partings {
		ada, bob := account(t, s, "Ada "+name), account(t, s, "Bob "+name)
		id := openDirect(t, s, ada, bob)
		storeMessages(t, s, id, newMessage(ada, id, "a", 0), newMessage(bob, id, "b", 1), newMessage(bob, id, "c", 2))
		for _, p := range []chat.Person{ada, bob} {
			act(t, s, p, id, 2, picture("old "+p.Name))
		}

		if err := part(s, ada, bob); err != nil {
			t.Fatal(err)
		}

		hide := false
		for _, p := range []chat.Person{ada, bob} {
			act(t, s, p, id, 3, picture("new "+p.Name))
			if err := s.Rename(ctx, p.ID, "New "+p.Name); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.ChangeSettings(ctx, p.ID, chat.SettingsChange{SharePresence: &hide}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Picture(ctx, picture("old "+p.Name).Hash); err != nil {
				t.Errorf("%s: last picture of %s: got error %v, want it kept", name, p.Name, err)
			}
		}

		for _, tt := range [][2]chat.Person{{ada, bob}, {bob, ada}} {
			viewer, other := tt[0], tt[1]
			other.Picture = picture("old " + other.Name).Hash
			checkSeen(t, s, name, viewer, other, id, 2)
		}

		again(t, s, ada, bob)
		for _, tt := range [][2]chat.Person{{ada, bob}, {bob, ada}} {
			viewer, other := tt[0], tt[1]
			other.Picture, other.Name = picture("new "+other.Name).Hash, "New "+other.Name
			checkSeen(t, s, name+", friends again", viewer, other, id, 3)
			_, err := s.Picture(ctx, picture("old "+tt[1].Name).Hash)
			wantKind(t, name+": old picture of a friend", err, chat.KindNotFound)
		}
	}
}

// act does what another member would see.
func act(t *testing.T, s chat.Store, p chat.Person, id uuid.UUID, seq int64, image chat.Picture) {
	t.Helper()
	if _, err := s.MarkRead(ctx, p.ID, id, seq); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPicture(ctx, p.ID, image); err != nil {
		t.Fatal(err)
	}
}

// again makes two people friends again, without a block in between.
func again(t *testing.T, s chat.Store, ada, bob chat.Person) {
	t.Helper()
	share := true
	for _, p := range []chat.Person{ada, bob} {
		if _, _, err := s.ChangeSettings(ctx, p.ID, chat.SettingsChange{SharePresence: &share}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Unblock(ctx, ada.ID, bob.ID); err != nil {
		t.Fatal(err)
	}
	Befriend(t, s, ada, bob)
}

// checkSeen checks a person as the viewer sees them, in everything that shows them.
func checkSeen(t *testing.T, s chat.Store, what string, viewer, other chat.Person, id uuid.UUID, seq int64) {
	t.Helper()
	check := func(where string, got chat.Person, err error) {
		t.Helper()
		if err != nil || got != other {
			t.Errorf("%s: %s for %s: got %+v, %v, want %+v", what, where, viewer.Name, got, err, other)
		}
	}

	c, err := s.Conversation(ctx, viewer.ID, id)
	peer := c.Peer(viewer.ID)
	check("member", peer.Person, err)
	if c.Title != other.Name || c.ReadSeq != 3 && seq == 3 {
		t.Errorf("%s: got title %q, own mark %d, want %q", what, c.Title, c.ReadSeq, other.Name)
	}
	// Presence is hidden since the end of the friendship, which must not show either.
	if peer.ReadSeq == nil || *peer.ReadSeq != seq || peer.DeliveredSeq == nil || *peer.DeliveredSeq != seq {
		t.Errorf("%s: got marks %v, %v for %s, want %d", what, peer.ReadSeq, peer.DeliveredSeq, viewer.Name, seq)
	}

	list, err := s.Conversations(ctx, viewer.ID, chat.ConversationQuery{Limit: 9, Filter: other.Name})
	if err != nil || len(list.Conversations) != 1 || list.Conversations[0].Title != other.Name {
		t.Errorf("%s: list by the name %q: got %+v, %v, want 1", what, other.Name, list.Conversations, err)
	}

	m, err := s.Membership(ctx, chat.MembershipKey{Conversation: id, Person: viewer.ID})
	check("membership", m.Peer.Person, err)

	messages, _, err := s.Messages(ctx, viewer.ID, id, chat.Range{Limit: 10})
	for _, m := range messages {
		if m.Sender.ID == other.ID {
			check("message", m.Sender, err)
		}
	}

	view, err := s.ViewPerson(ctx, viewer.ID, other.ID, noon)
	check("ViewPerson", view.Person, err)
	found, err := s.SearchPeople(ctx, viewer.ID, other.Name, noon, 5)
	if len(found) != 1 {
		t.Errorf("%s: search for %q: got %+v, %v, want 1", what, other.Name, found, err)
	} else {
		check("search", found[0].Person, err)
	}

	exported, err := s.ExportConversations(ctx, viewer.ID, uuid.Nil, 5)
	if err != nil || len(exported) != 1 || exported[0].Title != other.Name {
		t.Errorf("%s: export: got %+v, %v, want the title %q", what, exported, err, other.Name)
	}
}

// testLastViewsOfRequests: a request after the end of a friendship shows the last views.
func testLastViewsOfRequests(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	openDirect(t, s, ada, bob)
	if _, err := s.Unfriend(ctx, ada.ID, bob.ID); err != nil {
		t.Fatal(err)
	}
	for _, p := range []chat.Person{ada, bob} {
		if err := s.Rename(ctx, p.ID, "New "+p.Name); err != nil {
			t.Fatal(err)
		}
	}

	if o := requestFriend(t, s, ada, bob, noon); o.Asker.Name != "Ada" || o.Asked.Name != "Bob" {
		t.Errorf("request: got %+v, want the last names", o)
	}
	for viewer, want := range map[chat.Person]string{ada: "Bob", bob: "Ada"} {
		list, err := s.Requests(ctx, viewer.ID, noon, nil)
		all := append(list.Incoming, list.Outgoing...)
		if err != nil || len(all) != 1 || all[0].Person.Name != want {
			t.Errorf("requests of %s: got %+v, %v, want %s", viewer.Name, list, err, want)
		}

		e, err := s.Export(ctx, viewer.ID, noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range e.Requests {
			for _, p := range []chat.Person{r.Asker, r.Asked} {
				if p.ID != viewer.ID && p.Name != want {
					t.Errorf("export of %s: got %+v, want %s", viewer.Name, r, want)
				}
			}
		}
	}
}

// testLastViewsOfDeleted: a deletion empties what others last saw.
func testLastViewsOfDeleted(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	storeMessages(t, s, id, newMessage(ada, id, "a", 0))
	act(t, s, ada, id, 1, picture("of ada"))
	if _, err := s.Unfriend(ctx, ada.ID, bob.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DeleteAccount(ctx, ada.ID); err != nil {
		t.Fatal(err)
	}

	c, err := s.Conversation(ctx, bob.ID, id)
	if err != nil || c.Title != chat.DeletedName || c.Peer(bob.ID).Picture != "" ||
		c.LastMessage.Sender.Name != chat.DeletedName {
		t.Errorf("conversation: got %+v, %v, want no name and picture", c, err)
	}
	_, err = s.Picture(ctx, picture("of ada").Hash)
	wantKind(t, "picture of the deleted person", err, chat.KindNotFound)
}
