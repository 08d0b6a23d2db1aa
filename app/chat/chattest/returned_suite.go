package chattest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// returnedMessage returns a message of the log that the store rejected.
func returnedMessage(by chat.Person, in uuid.UUID, body string, offset int64) chat.Returned {
	m := newMessage(by, in, body, 0)
	m.LogOffset = &offset
	return chat.Returned{Message: m, Reason: "It won’t do."}
}

func testReturned(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	conversation, other := openDirect(t, s, ada, bob), openDirect(t, s, ada, eve)
	returnMessage := func(r chat.Returned, want ...uuid.UUID) {
		t.Helper()
		to, err := s.Return(ctx, r)
		if err != nil || !to.Same(chat.ToPeople(want...)) {
			t.Errorf("Return of %q: got %v, %v, want %v", r.Message.Body, to, err, want)
		}
	}

	checkReturned := func(when string, person chat.Person, in uuid.UUID, want ...chat.Returned) {
		t.Helper()
		got, err := s.Returned(ctx, person.ID, in)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: got %+v, %v for %s, want %d messages", when, got, err, person.Name, len(want))
		}

		for i, r := range got {
			m, w := r.Message, want[i].Message
			if m.ID != w.ID || m.Body != w.Body || m.ConversationID != in || *m.LogOffset != *w.LogOffset ||
				m.ClientID != w.ClientID || m.Sender.Name != person.Name || r.Reason != want[i].Reason ||
				m.Seq != nil || !m.SentAt.Equal(w.SentAt.Time) {
				t.Errorf("%s: got %+v, want %+v", when, r, want[i])
			}
		}

		some, err := s.ReturnedIn(ctx, person.ID, []uuid.UUID{in})
		if err != nil || (len(want) > 0) != some[in] {
			t.Errorf("%s: ReturnedIn got %v, %v for %s, want %v", when, some, err, person.Name, len(want) > 0)
		}
	}

	first := returnedMessage(ada, conversation, "first", 7)
	second := returnedMessage(ada, conversation, "second", 9)
	elsewhere := returnedMessage(ada, other, "elsewhere", 8)
	returnMessage(second, ada.ID, bob.ID)
	returnMessage(first, ada.ID, bob.ID)
	returnMessage(first, ada.ID, bob.ID)
	returnMessage(elsewhere, ada.ID, eve.ID)
	returnMessage(returnedMessage(eve, conversation, "by a stranger", 10), ada.ID, bob.ID)
	returnMessage(returnedMessage(ada, uuid.New(), "unknown conversation", 11))
	checkReturned("returned", ada, conversation, first, second)
	checkReturned("returned", ada, other, elsewhere)
	checkReturned("other member", bob, conversation)
	checkReturned("by a stranger", eve, conversation)
	found, err := s.FilterReturned(ctx, []uuid.UUID{first.Message.ID, uuid.New()})
	if err != nil || len(found) != 1 || !found[first.Message.ID] {
		t.Errorf("FilterReturned: got %v, %v, want %v", found, err, first.Message.ID)
	}

	_, err = s.DismissReturned(ctx, bob.ID, first.Message.ID)
	wantKind(t, "DismissReturned by another person", err, chat.KindNotFound)
	_, err = s.DismissReturned(ctx, ada.ID, uuid.New())
	wantKind(t, "DismissReturned of an unknown message", err, chat.KindNotFound)
	for range 2 {
		if in, err := s.DismissReturned(ctx, ada.ID, first.Message.ID); err != nil || in != conversation {
			t.Errorf("DismissReturned: got %v, %v, want %v", in, err, conversation)
		}
	}

	checkReturned("dismissed", ada, conversation, second)
	returnMessage(first, ada.ID, bob.ID)
	checkReturned("delivered again after the dismissal", ada, conversation, second)
	again, later := first, int64(12)
	again.Message.LogOffset = &later
	returnMessage(again, ada.ID, bob.ID)
	checkReturned("later record of the message", ada, conversation, second, again)

	storeMessages(t, s, conversation, second.Message)

	checkReturned("stored after the return", ada, conversation, again)
	for range 2 {
		if err := s.StoredAfterAll(ctx, []uuid.UUID{second.Message.ID, again.Message.ID}); err != nil {
			t.Fatal(err)
		}
	}

	checkReturned("removed", ada, conversation)
	if found, err := s.FilterReturned(ctx, []uuid.UUID{second.Message.ID}); err != nil || len(found) != 0 {
		t.Errorf("FilterReturned after the removal: got %v, %v, want none", found, err)
	}

	if e, err := s.Export(ctx, ada.ID, time.Now()); err != nil || len(e.Returned) != 1 ||
		e.Returned[0].Body != "elsewhere" || e.Returned[0].Reason != elsewhere.Reason {
		t.Errorf("Export: got %+v, %v, want 1 message", e.Returned, err)
	}
}

// testReturnedDeleted: the store has no returned message of a deleted person, even if the
// record is processed after the deletion.
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

	found, err := s.FilterReturned(ctx, []uuid.UUID{before.Message.ID, after.Message.ID})
	if err != nil || len(found) != 0 {
		t.Errorf("FilterReturned: got %v, %v, want none", found, err)
	}
}
