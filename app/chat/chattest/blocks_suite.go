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
		t.Errorf("Block: got %+v, %v", p, err)
	}

	if p, err := s.Block(ctx, ada.ID, bob.ID, noon); err != nil || p.Friends {
		t.Errorf("second Block: got %+v, %v, want no change", p, err)
	}

	if m, err := s.Membership(ctx, chat.MembershipKey{Conversation: id, Person: bob.ID}); err != nil || m.Writable {
		t.Errorf("membership: got %+v, %v, want read-only", m, err)
	}

	// A blocked person finds the blocker, like a stranger. The blocker finds the blocked person.
	search := func(viewer chat.Person, name string) []chat.PersonView {
		t.Helper()
		people, err := s.SearchPeople(ctx, viewer.ID, name, noon, 20)
		if err != nil {
			t.Fatal(err)
		}

		return people
	}

	if people := search(bob, "Ada"); len(people) != 1 || people[0].State != chat.StateNone {
		t.Errorf("search by the blocked person: got %+v, want a stranger", people)
	}

	if people := search(ada, "Bob"); len(people) != 1 || people[0].State != chat.StateBlocked ||
		people[0].RequestID != nil {
		t.Errorf("search by the blocker: got %+v, want a blocked person", people)
	}

	_, err = s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: ada.ID, Asked: bob.ID, At: noon})
	wantKind(t, "request to the blocked person", err, chat.KindInvalid)
	_, _, err = s.OpenDirect(ctx, bob.ID, ada.ID)
	wantKind(t, "OpenDirect of an existing conversation", err, chat.KindReadOnly)
	blocked, err := s.Blocked(ctx, ada.ID)
	if err != nil || len(blocked) != 1 || blocked[0] != bob {
		t.Errorf("Blocked: got %v, %v, want %v", blocked, err, bob)
	}

	if blocked, err := s.Blocked(ctx, bob.ID); err != nil || len(blocked) != 0 {
		t.Errorf("Blocked of the blocked person: got %v, %v, want none", blocked, err)
	}

	if _, err := s.Block(ctx, bob.ID, ada.ID, noon); err != nil {
		t.Errorf("Block by the blocked person: got error %v, want nil", err)
	}

	if _, err := s.Block(ctx, ada.ID, eve.ID, noon); err != nil {
		t.Fatal(err)
	}

	_, _, err = s.OpenDirect(ctx, eve.ID, ada.ID)
	wantKind(t, "OpenDirect with the blocker", err, chat.KindReadOnly)
	_, err = s.Block(ctx, ada.ID, uuid.New(), noon)
	wantKind(t, "Block of an unknown person", err, chat.KindNotFound)
	_, err = s.Block(ctx, ada.ID, ada.ID, noon)
	wantKind(t, "Block of oneself", err, chat.KindInvalid)
	for range 2 {
		if err := s.Unblock(ctx, ada.ID, eve.ID); err != nil {
			t.Error(err)
		}
	}

	if people := search(eve, "Ada"); len(people) != 1 || people[0].State != chat.StateNone {
		t.Errorf("search after Unblock: got %+v, want 1 person", people)
	}

	if o := requestFriend(t, s, eve, ada, noon); !o.Changed {
		t.Errorf("request after Unblock: got %+v, want a change", o)
	}
}

// testBlockedRequests: the requests of a blocked person stay as those to a stranger who
// never answers. The blocker does not see them while the block lasts.
func testBlockedRequests(t *testing.T, s chat.Store) {
	ada, bob, cleo := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Cleo")
	to, by := requestFriend(t, s, bob, ada, noon), requestFriend(t, s, ada, cleo, noon)
	p, err := s.Block(ctx, ada.ID, bob.ID, noon)
	if err != nil || len(p.Requests) != 1 || p.Requests[0].ID != to.ID || p.Requests[0].Undelivered ||
		p.Requests[0].State != chat.RequestDeclined || !p.Requests[0].Changed {
		t.Errorf("Block: got %+v, %v", p, err)
	}

	checkRequests := func(person chat.Person, in, out int) {
		t.Helper()
		list, err := s.Requests(ctx, person.ID, noon.Add(1000*time.Hour), []uuid.UUID{to.ID})
		if err != nil || len(list.Incoming) != in || len(list.Outgoing) != out {
			t.Errorf("requests of %s: got %+v, %v, want %d and %d", person.Name, list, err, in, out)
		}

		if counts, err := s.Counts(ctx, person.ID, uuid.Nil); err != nil || counts.Requests != int64(in) {
			t.Errorf("counts of %s: got %+v, %v, want %d requests", person.Name, counts, err, in)
		}
	}

	checkRequests(bob, 0, 1) // for ever
	checkRequests(ada, 0, 1) // to Cleo
	for _, answer := range []chat.RequestAnswer{chat.Accept, chat.Decline} {
		_, err = s.AnswerRequest(ctx, ada.ID, to.ID, answer, noon)
		wantKind(t, "answer to a blocked person", err, chat.KindConflict)
	}

	// The blocked person can cancel, ask again and wait, like anybody.
	if again := requestFriend(t, s, bob, ada, noon); again.ID != to.ID || again.Changed || !again.Undelivered {
		t.Errorf("repeated request: got %+v, want the kept one", again)
	}

	checkAnswer(t, s, bob, to, chat.Cancel, noon, chat.RequestCancelled, true)
	later := requestFriend(t, s, bob, ada, noon)
	if !later.Changed || !later.Undelivered || later.State != chat.RequestPending {
		t.Errorf("request to the blocker: got %+v, want a pending one that is not delivered", later)
	}

	checkRequests(ada, 0, 1)
	if found, err := s.ViewPerson(ctx, bob.ID, ada.ID, noon); err != nil || found.State != chat.StateRequested {
		t.Errorf("the blocker: got %+v, %v, want requested", found, err)
	}

	p, err = s.Block(ctx, ada.ID, cleo.ID, noon)
	if err != nil || len(p.Requests) != 1 || p.Requests[0].ID != by.ID ||
		p.Requests[0].State != chat.RequestCancelled {
		t.Errorf("Block: got %+v, %v", p, err)
	}

	_, err = s.AnswerRequest(ctx, cleo.ID, by.ID, chat.Accept, noon)
	wantKind(t, "Accept of a blocker", err, chat.KindConflict)
	for _, person := range []chat.Person{ada, bob, cleo} {
		if friends, err := s.FriendIDs(ctx, person.ID); err != nil || len(friends) != 0 {
			t.Errorf("friends of %s: got %v, %v, want none", person.Name, friends, err)
		}
	}

	if err := s.Unblock(ctx, ada.ID, bob.ID); err != nil {
		t.Fatal(err)
	}

	checkRequests(ada, 1, 0)
	checkAnswer(t, s, ada, later, chat.Accept, noon, chat.RequestAccepted, true)
}

// testBlockRaces: a blocked person is no friend after concurrent requests and answers.
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
			t.Fatalf("friends: got %v, %v, want none", friends, err)
		}

		if counts, err := s.Counts(ctx, ada.ID, uuid.Nil); err != nil || counts.Requests != 0 {
			t.Fatalf("counts: got %+v, %v, want no requests", counts, err)
		}

		if err := s.Unblock(ctx, ada.ID, bob.ID); err != nil {
			t.Fatal(err)
		}

		list, err := s.Requests(ctx, bob.ID, noon, nil)
		if err != nil {
			t.Fatal(err)
		}

		for _, r := range list.Outgoing {
			checkAnswer(t, s, bob, chat.RequestOutcome{ID: r.ID, Asker: bob, Asked: ada}, chat.Cancel, noon,
				chat.RequestCancelled, true)
		}
	}
}
