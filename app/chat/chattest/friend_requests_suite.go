package chattest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func requestFriend(t *testing.T, s chat.Store, asker, asked chat.Person, at time.Time) chat.RequestOutcome {
	t.Helper()
	o, err := s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: asker.ID, Asked: asked.ID, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// checkAnswer answers a request and expects a state.
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
		t.Errorf("%s: %+v, %v; want %s, changed: %v", answer, got, err, state, changed)
	}
}

func testRequests(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	first := requestFriend(t, s, ada, bob, noon)
	if !first.Changed || first.State != chat.RequestPending || first.Asker != ada || first.Asked != bob ||
		!first.CreatedAt.Equal(noon) {
		t.Errorf("asked: %+v", first)
	}

	if again := requestFriend(t, s, ada, bob, noon.Add(time.Hour)); again.Changed || again.ID != first.ID {
		t.Errorf("asked twice: %+v", again)
	}

	for name, tt := range map[string]struct {
		person, id uuid.UUID
		answer     chat.RequestAnswer
	}{
		"accepting one's own":     {ada.ID, first.ID, chat.Accept},
		"declining one's own":     {ada.ID, first.ID, chat.Decline},
		"cancelling another's":    {bob.ID, first.ID, chat.Cancel},
		"accepting somebody's":    {eve.ID, first.ID, chat.Accept},
		"cancelling somebody's":   {eve.ID, first.ID, chat.Cancel},
		"accepting what isn't":    {bob.ID, uuid.New(), chat.Accept},
		"cancelling what isn't":   {ada.ID, uuid.New(), chat.Cancel},
		"declining what isn't so": {eve.ID, uuid.New(), chat.Decline},
	} {
		_, err := s.AnswerRequest(ctx, tt.person, tt.id, tt.answer, noon)
		wantKind(t, name, err, chat.KindNotFound)
	}

	_, err := s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: ada.ID, Asked: uuid.New(), At: noon})
	wantKind(t, "asking nobody", err, chat.KindNotFound)
	_, err = s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: ada.ID, Asked: ada.ID, At: noon})
	wantKind(t, "asking oneself", err, chat.KindInvalid)

	lists := func(p chat.Person, in, out []uuid.UUID, answered ...uuid.UUID) {
		t.Helper()
		list, err := s.Requests(ctx, p.ID, noon.Add(-time.Hour), answered)
		if got := requestIDs(list.Incoming); err != nil || !slices.Equal(got, in) {
			t.Errorf("to %s: %v, %v; want %v", p.Name, got, err, in)
		}

		if got := requestIDs(list.Outgoing); !slices.Equal(got, out) {
			t.Errorf("by %s: %v; want %v", p.Name, got, out)
		}
	}

	later := requestFriend(t, s, eve, bob, noon.Add(time.Minute))
	lists(bob, []uuid.UUID{later.ID, first.ID}, nil)
	lists(ada, nil, []uuid.UUID{first.ID})
	if counts, err := s.Counts(ctx, bob.ID); err != nil || counts.Requests != 2 {
		t.Errorf("waiting for Bob: %+v, %v", counts, err)
	}

	checkAnswer(t, s, bob, first, chat.Accept, noon, chat.RequestAccepted, true)
	checkAnswer(t, s, bob, first, chat.Accept, noon, chat.RequestAccepted, false)
	lists(bob, []uuid.UUID{later.ID}, nil)
	lists(bob, []uuid.UUID{later.ID, first.ID}, nil, first.ID)
	lists(eve, nil, []uuid.UUID{later.ID}, first.ID)
	m, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Limit: 5})
	if err != nil || len(m.Conversations) != 1 || !m.Conversations[0].Writable {
		t.Errorf("friends have no conversation: %+v, %v", m, err)
	}

	if o := requestFriend(t, s, ada, bob, noon); o.Changed || o.State != chat.RequestAccepted || o.ID != first.ID {
		t.Errorf("asking a friend: %+v", o)
	}

	for _, tt := range []struct {
		by     chat.Person
		answer chat.RequestAnswer
	}{{ada, chat.Cancel}, {bob, chat.Decline}} {
		_, err = s.AnswerRequest(ctx, tt.by.ID, first.ID, tt.answer, noon)
		wantKind(t, "after it was accepted", err, chat.KindConflict)
	}

	checkAnswer(t, s, eve, later, chat.Cancel, noon, chat.RequestCancelled, true)
	checkAnswer(t, s, eve, later, chat.Cancel, noon, chat.RequestCancelled, false)
	_, err = s.AnswerRequest(ctx, bob.ID, later.ID, chat.Accept, noon)
	wantKind(t, "accepting what was cancelled", err, chat.KindConflict)
	lists(bob, nil, nil, later.ID)
}

func requestIDs(list []chat.Request) (ids []uuid.UUID) {
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	return ids
}

// testDeclined: the asker doesn't see it for a day, the other one may change their
// mind so long.
func testDeclined(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	asked := noon.Add(-72 * time.Hour)
	first := requestFriend(t, s, ada, bob, asked)
	checkAnswer(t, s, bob, first, chat.Decline, noon, chat.RequestDeclined, true)
	checkAnswer(t, s, bob, first, chat.Decline, noon, chat.RequestDeclined, false)
	soon, late := noon.Add(23*time.Hour), noon.Add(25*time.Hour)
	waits := func(at time.Time, want bool) {
		t.Helper()
		list, err := s.Requests(ctx, ada.ID, at.Add(-chat.DeclineHiddenFor), nil)
		if err != nil || (len(list.Outgoing) == 1) != want || want && list.Outgoing[0].State != chat.RequestPending {
			t.Errorf("at %v Ada sees %+v, %v", at, list, err)
		}

		found, err := s.ViewPerson(ctx, ada.ID, bob.ID, at.Add(-chat.DeclineHiddenFor))
		if err != nil || (found.State == chat.StateRequested) != want || want && *found.RequestID != first.ID {
			t.Errorf("at %v Bob is %+v, %v", at, found, err)
		}
	}

	waits(soon, true)
	waits(late, false)
	f, err := s.ViewPerson(ctx, bob.ID, ada.ID, soon.Add(-chat.DeclineHiddenFor))
	if err != nil || f.State != chat.StateNone {
		t.Errorf("to Bob Ada is %+v, %v", f, err)
	}

	if counts, err := s.Counts(ctx, bob.ID); err != nil || counts.Requests != 0 {
		t.Errorf("waiting for Bob: %+v, %v", counts, err)
	}

	if o := requestFriend(t, s, ada, bob, soon); o.Changed || o.ID != first.ID || o.As(ada.ID).State != chat.RequestPending {
		t.Errorf("asked again within the day: %+v", o)
	}

	second := requestFriend(t, s, ada, bob, late)
	if !second.Changed || second.ID == first.ID {
		t.Errorf("asked again after it: %+v", second)
	}

	_, err = s.AnswerRequest(ctx, bob.ID, first.ID, chat.Accept, late)
	wantKind(t, "accepting what was declined long ago", err, chat.KindConflict)

	cleo := account(t, s, "Cleo")
	third := requestFriend(t, s, cleo, bob, noon)
	checkAnswer(t, s, bob, third, chat.Decline, noon, chat.RequestDeclined, true)
	if o := requestFriend(t, s, bob, cleo, soon); !o.Changed || o.State != chat.RequestAccepted || o.ConversationID == nil {
		t.Errorf("who declined asks: %+v", o)
	}

	checkAnswer(t, s, bob, second, chat.Decline, late, chat.RequestDeclined, true)
	checkAnswer(t, s, bob, second, chat.Accept, late.Add(time.Hour), chat.RequestAccepted, true)

	dan := account(t, s, "Dan")
	fourth := requestFriend(t, s, dan, bob, noon)
	checkAnswer(t, s, bob, fourth, chat.Decline, noon, chat.RequestDeclined, true)
	checkAnswer(t, s, dan, fourth, chat.Cancel, soon, chat.RequestCancelled, true)
	if o := requestFriend(t, s, dan, bob, soon); !o.Changed {
		t.Errorf("cancelled and asked again: %+v", o)
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
	wantKind(t, "the fourth of the day", err, chat.KindTooFast)
	if e, ok := err.(*chat.Error); !ok || e.RetryAfter != 21*time.Hour {
		t.Errorf("come back: %+v", err)
	}

	if err := try("Bob", noon.Add(3*time.Hour)); err != nil {
		t.Errorf("asking again is none: %v", err)
	}

	requestFriend(t, s, account(t, s, "Fay"), ada, noon)
	if err := try("Fay", noon.Add(3*time.Hour)); err != nil {
		t.Errorf("nor is agreeing: %v", err)
	}

	if err := try("Eve", noon.Add(24*time.Hour+time.Minute)); err != nil {
		t.Errorf("the next day: %v", err)
	}

	var wg sync.WaitGroup
	refused := make(chan error, 8)
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
			refused <- err
		}()
	}

	wg.Wait()
	close(refused)
	n := 0
	for err := range refused {
		if err == nil {
			n++
		}
	}

	if n != 3 {
		t.Errorf("%d of eight at once were allowed, want 3", n)
	}
}

// testRequestRaces: of what happens at once exactly one thing wins.
func testRequestRaces(t *testing.T, s chat.Store) {
	for round := range 5 {
		name := string(rune('a' + round))
		ada, bob := account(t, s, "Ada "+name), account(t, s, "Bob "+name)
		concurrently(8, func(i int) {
			a, b := ada, bob
			if i%2 == 1 {
				a, b = bob, ada
			}

			if _, err := s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: a.ID, Asked: b.ID, At: noon}); err != nil {
				t.Error(err)
			}
		})
		friends, err := s.FriendIDs(ctx, ada.ID)
		conversations, _ := s.Conversations(ctx, bob.ID, chat.ConversationQuery{Limit: 5})
		if err != nil || !slices.Equal(friends, []uuid.UUID{bob.ID}) || len(conversations.Conversations) != 1 {
			t.Errorf(
				"asked crosswise at once: %v, %d conversations, %v",
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
			t.Errorf("accepted, declined and cancelled at once: %v won, friends %v, %v", won, cleos, err)
		}
	}
}

func concurrently(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() { defer wg.Done(); do(i) }()
	}
	wg.Wait()
}
