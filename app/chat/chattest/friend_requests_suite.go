package chattest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// noon is the time of most requests.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// requestFriend sends a friend request.
func requestFriend(t *testing.T, s chat.Store, asker, asked chat.Person, at time.Time) chat.RequestOutcome {
	t.Helper()
	o, err := s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: asker.ID, Asked: asked.ID, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// checkAnswer answers a request and checks the new state.
func checkAnswer(
	t *testing.T,
	s chat.Store,
	by chat.Person,
	o chat.RequestOutcome,
	answer chat.RequestAnswer,
	at time.Time,
	state string,
	changed bool,
) {
	t.Helper()
	got, err := s.AnswerRequest(ctx, by.ID, o.ID, answer, at)
	if err != nil || got.State != state || got.Changed != changed || got.Asker != o.Asker || got.Asked != o.Asked {
		t.Errorf("%s: got %+v, %v, want state %s, changed %v", answer, got, err, state, changed)
	}
}

func testRequests(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	first := requestFriend(t, s, ada, bob, noon)
	if !first.Changed || first.State != chat.RequestPending || first.Asker != ada || first.Asked != bob ||
		!first.CreatedAt.Equal(noon) {
		t.Errorf("first request: got %+v, want pending", first)
	}

	if again := requestFriend(t, s, ada, bob, noon.Add(time.Hour)); again.Changed || again.ID != first.ID {
		t.Errorf("second request: got %+v, want the first one", again)
	}

	for name, tt := range map[string]struct {
		person, id uuid.UUID
		answer     chat.RequestAnswer
	}{
		"accept own":                  {ada.ID, first.ID, chat.Accept},
		"decline own":                 {ada.ID, first.ID, chat.Decline},
		"cancel received":             {bob.ID, first.ID, chat.Cancel},
		"accept as stranger":          {eve.ID, first.ID, chat.Accept},
		"cancel as stranger":          {eve.ID, first.ID, chat.Cancel},
		"accept unknown":              {bob.ID, uuid.New(), chat.Accept},
		"cancel unknown":              {ada.ID, uuid.New(), chat.Cancel},
		"decline unknown as stranger": {eve.ID, uuid.New(), chat.Decline},
	} {
		_, err := s.AnswerRequest(ctx, tt.person, tt.id, tt.answer, noon)
		wantKind(t, name, err, chat.KindNotFound)
	}

	_, err := s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: ada.ID, Asked: uuid.New(), At: noon})
	wantKind(t, "request to an unknown person", err, chat.KindNotFound)
	_, err = s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: ada.ID, Asked: ada.ID, At: noon})
	wantKind(t, "request to oneself", err, chat.KindInvalid)

	checkLists := func(p chat.Person, in, out []uuid.UUID, answered ...uuid.UUID) {
		t.Helper()
		list, err := s.Requests(ctx, p.ID, noon.Add(-time.Hour), answered)
		if got := requestIDs(list.Incoming); err != nil || !slices.Equal(got, in) {
			t.Errorf("incoming requests of %s: got %v, %v, want %v", p.Name, got, err, in)
		}

		if got := requestIDs(list.Outgoing); !slices.Equal(got, out) {
			t.Errorf("outgoing requests of %s: got %v, want %v", p.Name, got, out)
		}
	}

	later := requestFriend(t, s, eve, bob, noon.Add(time.Minute))
	checkLists(bob, []uuid.UUID{later.ID, first.ID}, nil)
	checkLists(ada, nil, []uuid.UUID{first.ID})
	if counts, err := s.Counts(ctx, bob.ID, uuid.Nil); err != nil || counts.Requests != 2 {
		t.Errorf("counts: got %+v, %v, want 2 requests", counts, err)
	}

	checkAnswer(t, s, bob, first, chat.Accept, noon, chat.RequestAccepted, true)
	checkAnswer(t, s, bob, first, chat.Accept, noon, chat.RequestAccepted, false)
	checkLists(bob, []uuid.UUID{later.ID}, nil)
	checkLists(bob, []uuid.UUID{later.ID, first.ID}, nil, first.ID)
	checkLists(eve, nil, []uuid.UUID{later.ID}, first.ID)
	m, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Limit: 5})
	if err != nil || len(m.Conversations) != 1 || !m.Conversations[0].Writable {
		t.Errorf("conversations of friends: got %+v, %v, want 1, writable", m, err)
	}

	if o := requestFriend(t, s, ada, bob, noon); o.Changed || o.State != chat.RequestAccepted || o.ID != first.ID {
		t.Errorf("request to a friend: got %+v, want the accepted one", o)
	}

	for _, tt := range []struct {
		by     chat.Person
		answer chat.RequestAnswer
	}{{ada, chat.Cancel}, {bob, chat.Decline}} {
		_, err = s.AnswerRequest(ctx, tt.by.ID, first.ID, tt.answer, noon)
		wantKind(t, "answer after Accept", err, chat.KindConflict)
	}

	checkAnswer(t, s, eve, later, chat.Cancel, noon, chat.RequestCancelled, true)
	checkAnswer(t, s, eve, later, chat.Cancel, noon, chat.RequestCancelled, false)
	_, err = s.AnswerRequest(ctx, bob.ID, later.ID, chat.Accept, noon)
	wantKind(t, "Accept after Cancel", err, chat.KindConflict)
	checkLists(bob, nil, nil, later.ID)
}

// requestIDs returns the ids of requests.
func requestIDs(list []chat.Request) (ids []uuid.UUID) {
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	return ids
}

// testDeclined: for a day the asker sees a declined request as pending, and the other
// person may still accept it.
func testDeclined(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	asked := noon.Add(-72 * time.Hour)
	first := requestFriend(t, s, ada, bob, asked)
	checkAnswer(t, s, bob, first, chat.Decline, noon, chat.RequestDeclined, true)
	checkAnswer(t, s, bob, first, chat.Decline, noon, chat.RequestDeclined, false)
	soon, late := noon.Add(23*time.Hour), noon.Add(25*time.Hour)
	checkPending := func(at time.Time, want bool) {
		t.Helper()
		list, err := s.Requests(ctx, ada.ID, at.Add(-chat.DeclineHiddenFor), nil)
		if err != nil || (len(list.Outgoing) == 1) != want || want && list.Outgoing[0].State != chat.RequestPending {
			t.Errorf("requests at %v: got %+v, %v, want pending %v", at, list, err, want)
		}

		found, err := s.ViewPerson(ctx, ada.ID, bob.ID, at.Add(-chat.DeclineHiddenFor))
		if err != nil || (found.State == chat.StateRequested) != want || want && *found.RequestID != first.ID {
			t.Errorf("ViewPerson at %v: got %+v, %v, want requested %v", at, found, err, want)
		}
	}

	checkPending(soon, true)
	checkPending(late, false)
	f, err := s.ViewPerson(ctx, bob.ID, ada.ID, soon.Add(-chat.DeclineHiddenFor))
	if err != nil || f.State != chat.StateNone {
		t.Errorf("ViewPerson of the asker: got %+v, %v, want no state", f, err)
	}

	if counts, err := s.Counts(ctx, bob.ID, uuid.Nil); err != nil || counts.Requests != 0 {
		t.Errorf("counts after Decline: got %+v, %v, want no requests", counts, err)
	}

	o := requestFriend(t, s, ada, bob, soon)
	if o.Changed || o.ID != first.ID || o.As(ada.ID).State != chat.RequestPending {
		t.Errorf("second request after 23 h: got %+v, want the first one, pending", o)
	}

	second := requestFriend(t, s, ada, bob, late)
	if !second.Changed || second.ID == first.ID {
		t.Errorf("second request after 25 h: got %+v, want a new one", second)
	}

	_, err = s.AnswerRequest(ctx, bob.ID, first.ID, chat.Accept, late)
	wantKind(t, "Accept 25 h after Decline", err, chat.KindConflict)

	cleo := account(t, s, "Cleo")
	third := requestFriend(t, s, cleo, bob, noon)
	checkAnswer(t, s, bob, third, chat.Decline, noon, chat.RequestDeclined, true)
	o = requestFriend(t, s, bob, cleo, soon)
	if !o.Changed || o.State != chat.RequestAccepted || o.ConversationID == nil {
		t.Errorf("request by the person who declined: got %+v, want accepted", o)
	}

	checkAnswer(t, s, bob, second, chat.Decline, late, chat.RequestDeclined, true)
	checkAnswer(t, s, bob, second, chat.Accept, late.Add(time.Hour), chat.RequestAccepted, true)

	dan := account(t, s, "Dan")
	fourth := requestFriend(t, s, dan, bob, noon)
	checkAnswer(t, s, bob, fourth, chat.Decline, noon, chat.RequestDeclined, true)
	checkAnswer(t, s, dan, fourth, chat.Cancel, soon, chat.RequestCancelled, true)
	if o := requestFriend(t, s, dan, bob, soon); !o.Changed {
		t.Errorf("request after Cancel: got %+v, want a change", o)
	}
}

func testRequestsPerDay(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	try := func(name string, at time.Time) error {
		_, err := s.RequestFriend(
			ctx,
			chat.FriendRequest{ID: chat.NewID(), Asker: ada.ID, Asked: account(t, s, name).ID, At: at, PerDay: 3},
		)
		return err
	}

	for i, name := range []string{"Bob", "Cleo", "Dan"} {
		if err := try(name, noon.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}

	err := try("Eve", noon.Add(3*time.Hour))
	wantKind(t, "fourth request of the day", err, chat.KindTooFast)
	if e, ok := err.(*chat.Error); !ok || e.RetryAfter != 21*time.Hour {
		t.Errorf("fourth request: got %+v, want a retry delay of 21 h", err)
	}

	if err := try("Bob", noon.Add(3*time.Hour)); err != nil {
		t.Errorf("repeated request: got error %v, want nil", err)
	}

	requestFriend(t, s, account(t, s, "Fay"), ada, noon)
	if err := try("Fay", noon.Add(3*time.Hour)); err != nil {
		t.Errorf("crossed request: got error %v, want nil", err)
	}

	if err := try("Eve", noon.Add(24*time.Hour+time.Minute)); err != nil {
		t.Errorf("request on the next day: got error %v, want nil", err)
	}

	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for i := range 8 {
		person := account(t, s, string(rune('K'+i)))
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, err := s.RequestFriend(
				ctx,
				chat.FriendRequest{
					ID:     chat.NewID(),
					Asker:  ada.ID,
					Asked:  person.ID,
					At:     noon.Add(100 * time.Hour),
					PerDay: 3,
				},
			)
			errs <- err
		}()
	}

	wg.Wait()
	close(errs)
	n := 0
	for err := range errs {
		if err == nil {
			n++
		}
	}

	if n != 3 {
		t.Errorf("8 concurrent requests: got %d accepted, want 3", n)
	}
}

// testRequestRaces: exactly one of several concurrent answers takes effect.
func testRequestRaces(t *testing.T, s chat.Store) {
	for round := range 5 {
		name := string(rune('a' + round))
		ada, bob := account(t, s, "Ada "+name), account(t, s, "Bob "+name)
		concurrently(8, func(i int) {
			a, b := ada, bob
			if i%2 == 1 {
				a, b = bob, ada
			}

			r := chat.FriendRequest{ID: chat.NewID(), Asker: a.ID, Asked: b.ID, At: noon}
			if _, err := s.RequestFriend(ctx, r); err != nil {
				t.Error(err)
			}
		})
		friends, err := s.FriendIDs(ctx, ada.ID)
		conversations, _ := s.Conversations(ctx, bob.ID, chat.ConversationQuery{Limit: 5})
		if err != nil || !slices.Equal(friends, []uuid.UUID{bob.ID}) || len(conversations.Conversations) != 1 {
			t.Errorf(
				"concurrent crossed requests: got friends %v, %d conversations, %v, want 1 of each",
				friends,
				len(conversations.Conversations),
				err,
			)
		}

		cleo := account(t, s, "Cleo "+name)
		o := requestFriend(t, s, ada, cleo, noon)
		won := make([]string, 9)
		concurrently(9, func(i int) {
			by, answer := cleo, chat.Accept
			switch i % 3 {
			case 1:
				by, answer = ada, chat.Cancel
			case 2:
				answer = chat.Decline
			}

			got, err := s.AnswerRequest(ctx, by.ID, o.ID, answer, noon)
			if err == nil && got.Changed && got.State != chat.RequestDeclined {
				won[i] = got.State
			} else if err != nil && chat.KindOf(err) != chat.KindConflict {
				t.Error(err)
			}
		})
		won = slices.DeleteFunc(won, func(state string) bool { return state == "" })
		cleos, err := s.FriendIDs(ctx, cleo.ID)
		if err != nil || len(won) != 1 || (won[0] == chat.RequestAccepted) != (len(cleos) == 1) {
			t.Errorf("concurrent answers: got %v, friends %v, %v, want 1 answer", won, cleos, err)
		}
	}
}

// concurrently calls do n times in goroutines and waits for them.
func concurrently(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() { defer wg.Done(); do(i) }()
	}
	wg.Wait()
}
