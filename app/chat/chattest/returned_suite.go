package chattest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// returnedMessage is a message of the log that could not be stored.
func returnedMessage(by chat.Person, in uuid.UUID, body string, offset int64) chat.Returned {
	m := newMessage(by, in, body, 0)
	m.LogOffset = &offset
	return chat.Returned{Message: m, Reason: "It won’t do."}
}

func testReturned(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	conversation, other := openDirect(t, s, ada, bob), openDirect(t, s, ada, eve)
	returns := func(r chat.Returned, want ...uuid.UUID) {
		t.Helper()
		members, err := s.Return(ctx, r)
		if err != nil || len(members) != len(want) ||
			slices.ContainsFunc(want, func(id uuid.UUID) bool { return !slices.Contains(members, id) }) {
			t.Errorf("returning %q: members %v, %v", r.Message.Body, members, err)
		}
	}

	keeps := func(when string, person chat.Person, in uuid.UUID, want ...chat.Returned) {
		t.Helper()
		got, err := s.Returned(ctx, person.ID, in)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s, %s has %+v, %v", when, person.Name, got, err)
		}

		for i, r := range got {
			m, w := r.Message, want[i].Message
			if m.ID != w.ID || m.Body != w.Body || m.ConversationID != in || *m.LogOffset != *w.LogOffset ||
				m.ClientID != w.ClientID || m.Sender.Name != person.Name || r.Reason != want[i].Reason ||
				m.Seq != nil || !m.SentAt.Equal(w.SentAt.Time) {
				t.Errorf("%s: %+v, want %+v", when, r, want[i])
			}
		}

		some, err := s.ReturnedIn(ctx, person.ID, []uuid.UUID{in})
		if err != nil || (len(want) > 0) != some[in] {
			t.Errorf("%s, %s has some in %v, %v", when, person.Name, some, err)
		}
	}

	first, second, elsewhere := returnedMessage(
		ada,
		conversation,
		"first",
		7,
	), returnedMessage(ada,
		conversation,
		"second",
		9,
	), returnedMessage(ada,
		other,
		"elsewhere",
		8,
	)
	returns(second, ada.ID, bob.ID)
	returns(first, ada.ID, bob.ID)
	returns(first, ada.ID, bob.ID)
	returns(elsewhere, ada.ID, eve.ID)
	returns(returnedMessage(eve, conversation, "from outside", 10), ada.ID, bob.ID)
	returns(returnedMessage(ada, uuid.New(), "to nowhere", 11))
	keeps("returned", ada, conversation, first, second)
	keeps("returned", ada, other, elsewhere)
	keeps("not theirs", bob, conversation)
	keeps("from outside", eve, conversation)
	among, err := s.FilterReturned(ctx, []uuid.UUID{first.Message.ID, uuid.New()})
	if err != nil || len(among) != 1 || !among[first.Message.ID] {
		t.Errorf("among them: %v, %v", among, err)
	}

	_, err = s.DismissReturned(ctx, bob.ID, first.Message.ID)
	wantKind(t, "dismissing another's", err, chat.KindNotFound)
	_, err = s.DismissReturned(ctx, ada.ID, uuid.New())
	wantKind(t, "dismissing nothing", err, chat.KindNotFound)
	for range 2 {
		if in, err := s.DismissReturned(ctx, ada.ID, first.Message.ID); err != nil || in != conversation {
			t.Errorf("dismissing: %v, %v", in, err)
		}
	}

	keeps("dismissed", ada, conversation, second)
	returns(first, ada.ID, bob.ID)
	keeps("delivered again after it was dismissed", ada, conversation, second)
	again, later := first, int64(12)
	again.Message.LogOffset = &later
	returns(again, ada.ID, bob.ID)
	keeps("a later record of it", ada, conversation, second, again)

	storeMessages(t, s, conversation, second.Message)

	keeps("stored after all", ada, conversation, again)
	for range 2 {
		if err := s.StoredAfterAll(ctx, []uuid.UUID{second.Message.ID, again.Message.ID}); err != nil {
			t.Fatal(err)
		}
	}

	keeps("removed", ada, conversation)
	if among, err := s.FilterReturned(ctx, []uuid.UUID{second.Message.ID}); err != nil || len(among) != 0 {
		t.Errorf("removed, and among them: %v, %v", among, err)
	}

	if e, err := s.Export(ctx, ada.ID, time.Now()); err != nil || len(e.Returned) != 1 ||
		e.Returned[0].Body != "elsewhere" || e.Returned[0].Reason != elsewhere.Reason {
		t.Errorf("exported %+v, %v", e.Returned, err)
	}
}

// testReturnedDeleted: nothing is kept for a deleted person, even if the record is late.
func testReturnedDeleted(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	conversation := openDirect(t, s, ada, bob)
	before, after := returnedMessage(ada, conversation, "before", 1), returnedMessage(ada, conversation, "after", 2)
	if _, err := s.Return(ctx, before); err != nil {
		t.Fatal(err)
	}

	if _, err := s.DeleteAccount(ctx, ada.ID); err != nil {
		t.Fatal(err)
	}

	if _, err := s.Return(ctx, after); err != nil {
		t.Fatal(err)
	}

	among, err := s.FilterReturned(ctx, []uuid.UUID{before.Message.ID, after.Message.ID})
	if err != nil || len(among) != 0 {
		t.Errorf("kept of the deleted: %v, %v", among, err)
	}
}
