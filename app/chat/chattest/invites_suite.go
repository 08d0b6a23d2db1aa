package chattest

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// acceptInvite makes a guest use a person's link of a version.
func acceptInvite(s chat.Store, inviter, guest chat.Person, version int32, at time.Time) (chat.RequestOutcome, error) {
	return s.AcceptInvite(ctx, chat.InviteAcceptance{
		ID:      chat.NewID(),
		Inviter: inviter.ID,
		Guest:   guest.ID,
		Version: version,
		At:      at,
	})
}

func testInvites(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	key, err := s.InviteKey(ctx)
	if again, _ := s.InviteKey(ctx); err != nil || len(key) < 16 || !bytes.Equal(again, key) {
		t.Errorf("key: got %d bytes, then %d, %v", len(key), len(again), err)
	}
	if version, err := s.InviteVersion(ctx, ada.ID); err != nil || version != 0 {
		t.Errorf("first version: got %d, %v, want 0", version, err)
	}

	first, err := acceptInvite(s, ada, bob, 0, noon)
	if err != nil || !first.Changed || first.ConversationID == nil || first.State != chat.RequestAccepted ||
		first.Asked != ada || first.Asker != bob {
		t.Fatalf("acceptance: got %+v, %v", first, err)
	}
	for _, p := range []chat.Person{ada, bob} {
		if friends, err := s.FriendIDs(ctx, p.ID); err != nil || len(friends) != 1 {
			t.Errorf("friends of %s: got %v, %v, want 1", p.Name, friends, err)
		}
	}
	again, err := acceptInvite(s, ada, bob, 0, noon)
	if err != nil || again.Changed || again.ConversationID == nil || *again.ConversationID != *first.ConversationID {
		t.Errorf("second acceptance: got %+v, %v, want no change", again, err)
	}
	request, err := s.RequestFriend(ctx, chat.FriendRequest{ID: chat.NewID(), Asker: ada.ID, Asked: bob.ID, At: noon})
	if err != nil || request.Changed || request.State != chat.RequestAccepted {
		t.Errorf("request between the friends: got %+v, %v, want the accepted one", request, err)
	}

	if version, err := s.RenewInvite(ctx, ada.ID); err != nil || version != 1 {
		t.Errorf("second version: got %d, %v, want 1", version, err)
	}
	_, err = acceptInvite(s, ada, eve, 0, noon)
	wantKind(t, "link of the first version", err, chat.KindInviteOver)
	wantKind(t, "check of the first version", s.CheckInvite(ctx, ada.ID, eve.ID, 0), chat.KindInviteOver)
	if _, err = acceptInvite(s, ada, eve, 1, noon); err != nil {
		t.Errorf("link of the second version: %v", err)
	}

	_, err = acceptInvite(s, ada, ada, 1, noon)
	wantKind(t, "own link", err, chat.KindInvalid)
	if err := s.CheckInvite(ctx, ada.ID, ada.ID, 1); err != nil {
		t.Errorf("check of the own link: %v", err)
	}
	nobody := chat.Person{ID: uuid.New()}
	_, err = acceptInvite(s, nobody, eve, 0, noon)
	wantKind(t, "link of nobody", err, chat.KindInviteOver)
	_, err = s.InviteVersion(ctx, nobody.ID)
	wantKind(t, "version of nobody", err, chat.KindNotFound)
	_, err = s.RenewInvite(ctx, nobody.ID)
	wantKind(t, "renewal of nobody", err, chat.KindNotFound)
}

// testInviteRelations: what a link does between two people who aren't strangers.
func testInviteRelations(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	accepted := func(name string, guest chat.Person) chat.RequestOutcome {
		t.Helper()
		o, err := acceptInvite(s, ada, guest, 0, noon)
		if err != nil || !o.Changed || o.ConversationID == nil {
			t.Errorf("%s: got %+v, %v, want a new friendship", name, o, err)
		}
		return o
	}

	asked, asker, declined := account(t, s, "Asked"), account(t, s, "Asker"), account(t, s, "Declined")
	sent := requestFriend(t, s, ada, asked, noon)
	if o := accepted("the inviter has asked", asked); o.ID != sent.ID || o.Asker != ada {
		t.Errorf("accepted %+v, want the request of the inviter", o)
	}
	received := requestFriend(t, s, asker, ada, noon)
	if o := accepted("the guest has asked", asker); o.ID != received.ID {
		t.Errorf("accepted %+v, want the request of the guest", o)
	}
	refused := requestFriend(t, s, declined, ada, noon)
	checkAnswer(t, s, ada, refused, chat.Decline, noon, chat.RequestDeclined, true)
	accepted("the inviter has declined", declined)
	if list, err := s.Requests(ctx, ada.ID, noon.Add(-time.Hour), nil); err != nil || len(list.Incoming)+len(list.Outgoing) > 0 {
		t.Errorf("requests afterwards: got %+v, %v, want none", list, err)
	}

	former := account(t, s, "Former")
	first := accepted("a stranger", former)
	if _, err := s.Unfriend(ctx, former.ID, ada.ID); err != nil {
		t.Fatal(err)
	}
	if o := accepted("a former friend", former); *o.ConversationID != *first.ConversationID {
		t.Error("a former friend got another conversation")
	}

	blocked, blocker := account(t, s, "Blocked"), account(t, s, "Blocker")
	for _, pair := range [][2]chat.Person{{ada, blocked}, {blocker, ada}} {
		if _, err := s.Block(ctx, pair[0].ID, pair[1].ID, noon); err != nil {
			t.Fatal(err)
		}
	}
	wantKind(t, "check by a blocked guest", s.CheckInvite(ctx, ada.ID, blocked.ID, 0), chat.KindInviteOver)
	_, err := acceptInvite(s, ada, blocked, 0, noon)
	wantKind(t, "blocked guest", err, chat.KindInviteOver)
	_, err = acceptInvite(s, ada, blocker, 0, noon)
	wantKind(t, "guest who has blocked the inviter", err, chat.KindInvalid)

	if _, err := s.DeleteAccount(ctx, ada.ID); err != nil {
		t.Fatal(err)
	}
	_, err = acceptInvite(s, ada, account(t, s, "Late"), 0, noon)
	wantKind(t, "link of a deleted account", err, chat.KindInviteOver)
	_, err = acceptInvite(s, unconfirmed(t, s, "Unconfirmed"), blocked, 0, noon)
	wantKind(t, "link of an unconfirmed account", err, chat.KindInviteOver)
}

// testInvitesPerDay: a link makes at most so many friends in a day, and a guest counts
// it as a request.
func testInvitesPerDay(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	accept := func(inviter, guest chat.Person, at time.Time) error {
		_, err := s.AcceptInvite(ctx, chat.InviteAcceptance{
			ID:      chat.NewID(),
			Inviter: inviter.ID,
			Guest:   guest.ID,
			At:      at,
			PerDay:  1,
		})
		return err
	}

	if err := accept(ada, bob, noon); err != nil {
		t.Fatal(err)
	}
	if err := accept(ada, bob, noon); err != nil {
		t.Errorf("the same guest again: %v", err)
	}
	wantKind(t, "another guest", accept(ada, eve, noon.Add(time.Hour)), chat.KindTooFast)
	wantKind(t, "another link", accept(eve, bob, noon.Add(time.Hour)), chat.KindTooFast)
	if err := accept(ada, eve, noon.Add(25*time.Hour)); err != nil {
		t.Errorf("another guest a day later: %v", err)
	}
}

// testInvitesAtOnce: of concurrent uses of a link one changes something.
func testInvitesAtOnce(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	var changed [2]int
	var mu sync.Mutex
	var tasks sync.WaitGroup
	for i := range 4 {
		tasks.Go(func() {
			inviter, guest := ada, bob
			if i%2 == 1 { // both follow the other one's link
				inviter, guest = bob, ada
			}
			o, err := acceptInvite(s, inviter, guest, 0, noon)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			changed[0]++
			if o.Changed {
				changed[1]++
			}
		})
	}
	tasks.Wait()
	if changed != [2]int{4, 1} {
		t.Errorf("got %d outcomes of which %d changed something, want 4 and 1", changed[0], changed[1])
	}
}
