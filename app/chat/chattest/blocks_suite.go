package chattest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testBlocks(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	id := openDirect(t, s, ada, bob)
	p, err := s.Block(ctx, ada.ID, bob.ID, noon)
	if err != nil || !p.Friends || p.ConversationID == nil || *p.ConversationID != id || len(p.Requests) != 0 {
		t.Errorf("parting %+v, %v", p, err)
	}

	if p, err := s.Block(ctx, ada.ID, bob.ID, noon); err != nil || p.Friends {
		t.Errorf("blocked twice: %+v, %v", p, err)
	}

	if m, err := s.Membership(ctx, id); err != nil || m.Writable {
		t.Errorf("membership %+v, %v", m, err)
	}

	// To who is blocked, the other one is nobody; to who blocks, somebody to be unblocked.
	found := func(viewer chat.Person, name string) []chat.PersonView {
		t.Helper()
		people, err := s.SearchPeople(ctx, viewer.ID, name, noon, 20)
		if err != nil {
			t.Fatal(err)
		}

		return people
	}

	if people := found(bob, "Ada"); len(people) != 0 {
		t.Errorf("Bob finds %+v", people)
	}

	if people := found(ada, "Bob"); len(people) != 1 || people[0].State != chat.StateBlocked ||
		people[0].RequestID != nil {
		t.Errorf("Ada finds %+v", people)
	}

	_, err = s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: bob.ID, Asked: ada.ID, At: noon})
	wantKind(t, "asking who blocked one", err, chat.KindNotFound)
	_, err = s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: ada.ID, Asked: bob.ID, At: noon})
	wantKind(t, "asking whom one blocked", err, chat.KindInvalid)
	_, _, err = s.OpenDirect(ctx, bob.ID, ada.ID)
	wantKind(t, "opening what was said before", err, chat.KindReadOnly)
	blocked, err := s.Blocked(ctx, ada.ID)
	if err != nil || len(blocked) != 1 || blocked[0] != bob {
		t.Errorf("blocked: %v, %v", blocked, err)
	}

	if blocked, err := s.Blocked(ctx, bob.ID); err != nil || len(blocked) != 0 {
		t.Errorf("blocked by Bob: %v, %v", blocked, err)
	}

	if _, err := s.Block(ctx, bob.ID, ada.ID, noon); err != nil {
		t.Errorf("blocking back somebody one has talked with: %v", err)
	}

	if _, err := s.Block(ctx, ada.ID, eve.ID, noon); err != nil {
		t.Fatal(err)
	}

	_, _, err = s.OpenDirect(ctx, eve.ID, ada.ID)
	wantKind(t, "opening, with who blocked one", err, chat.KindNotFound)
	_, err = s.Block(ctx, eve.ID, ada.ID, noon)
	wantKind(t, "blocking who can't be seen", err, chat.KindNotFound)
	_, err = s.Block(ctx, ada.ID, uuid.New(), noon)
	wantKind(t, "blocking nobody", err, chat.KindNotFound)
	_, err = s.Block(ctx, ada.ID, ada.ID, noon)
	wantKind(t, "blocking oneself", err, chat.KindInvalid)
	for range 2 {
		if err := s.Unblock(ctx, ada.ID, eve.ID); err != nil {
			t.Error(err)
		}
	}

	if people := found(eve, "Ada"); len(people) != 1 || people[0].State != chat.StateNone {
		t.Errorf("unblocked, Eve finds %+v", people)
	}

	if o := requestFriend(t, s, eve, ada, noon); !o.Changed {
		t.Errorf("unblocked, Eve asks: %+v", o)
	}
}

// testBlockedRequests: a block answers what waits, in either direction, as if it had
// been declined or cancelled.
func testBlockedRequests(t *testing.T, s chat.Store) {
	ada, bob, cleo := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Cleo")
	to, by := requestFriend(t, s, bob, ada, noon), requestFriend(t, s, ada, cleo, noon)
	p, err := s.Block(ctx, ada.ID, bob.ID, noon)
	if err != nil || len(p.Requests) != 1 || p.Requests[0].ID != to.ID ||
		p.Requests[0].State != chat.RequestDeclined || !p.Requests[0].Changed {
		t.Errorf("parting %+v, %v", p, err)
	}

	list, err := s.Requests(ctx, bob.ID, noon.Add(time.Hour-chat.DeclineHiddenFor), nil)
	if err != nil || len(list.Outgoing) != 1 {
		t.Errorf("to Bob it doesn't wait any more: %+v, %v", list, err)
	}

	_, err = s.AnswerRequest(ctx, ada.ID, to.ID, chat.Accept, noon)
	wantKind(t, "accepting somebody whom one blocked", err, chat.KindConflict)
	p, err = s.Block(ctx, ada.ID, cleo.ID, noon)
	if err != nil || len(p.Requests) != 1 || p.Requests[0].ID != by.ID ||
		p.Requests[0].State != chat.RequestCancelled {
		t.Errorf("parting %+v, %v", p, err)
	}

	_, err = s.AnswerRequest(ctx, cleo.ID, by.ID, chat.Accept, noon)
	wantKind(t, "accepting who has blocked one", err, chat.KindConflict)
	for _, person := range []chat.Person{ada, bob, cleo} {
		if friends, err := s.FriendIDs(ctx, person.ID); err != nil || len(friends) != 0 {
			t.Errorf("%s has friends %v, %v", person.Name, friends, err)
		}

		if counts, err := s.Counts(ctx, person.ID); err != nil || counts.Requests != 0 {
			t.Errorf("for %s wait %+v, %v", person.Name, counts, err)
		}
	}
}

// testBlockRaces: whatever wins, who is blocked is no friend afterwards.
func testBlockRaces(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	for range 5 {
		o := requestFriend(t, s, bob, ada, noon)
		concurrently(4, func(i int) {
			var err error
			switch i {
			case 0:
				_, err = s.Block(ctx, ada.ID, bob.ID, noon)
			case 1:
				_, err = s.AnswerRequest(ctx, ada.ID, o.ID, chat.Accept, noon)
			default:
				_, err = s.RequestFriend(
					ctx,
					chat.FriendRequest{ID: chat.NewID(), Asker: bob.ID, Asked: ada.ID, At: noon},
				)
			}

			if kind := chat.KindOf(err); err != nil && kind != chat.KindConflict && kind != chat.KindNotFound {
				t.Error(err)
			}
		})
		if friends, err := s.FriendIDs(ctx, ada.ID); err != nil || len(friends) != 0 {
			t.Fatalf("friends although blocked: %v, %v", friends, err)
		}

		if counts, err := s.Counts(ctx, ada.ID); err != nil || counts.Requests != 0 {
			t.Fatalf("who is blocked waits: %+v, %v", counts, err)
		}

		if err := s.Unblock(ctx, ada.ID, bob.ID); err != nil {
			t.Fatal(err)
		}

		_, err := s.AnswerRequest(ctx, bob.ID, o.ID, chat.Cancel, noon)
		if err != nil && chat.KindOf(err) != chat.KindConflict {
			t.Fatal(err)
		}
	}
}
