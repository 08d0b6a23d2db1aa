package chattest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testDeletion(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	storeMessages(t, s, id, newMessage(ada, id, "stays", 0), newMessage(bob, id, "too", 1))

	here, there, his := chat.TokenHash("here"), chat.TokenHash("there"), chat.TokenHash("his")
	createSession(t, s, ada, here)
	createSession(t, s, ada, there)
	createSession(t, s, bob, his)
	deletion, err := s.DeleteAccount(ctx, ada.ID)
	if len(deletion.Friends) != 1 || deletion.Friends[0] != bob.ID {
		t.Errorf("got friends %v, want %v", deletion.Friends, bob.ID)
	}

	if err != nil || len(deletion.Sessions) != 2 || !slices.Contains(deletion.Sessions, chat.SessionID(here)) ||
		!slices.Contains(deletion.Sessions, chat.SessionID(there)) {
		t.Errorf("got %+v, %v, want 2 sessions", deletion, err)
	}

	if again, err := s.DeleteAccount(ctx, ada.ID); err != nil || len(again.Sessions)+len(again.Friends) > 0 {
		t.Errorf("second deletion: got %+v, %v, want an empty one", again, err)
	}

	_, err = s.Session(ctx, here)
	wantKind(t, "session of the deleted person", err, chat.KindNotFound)
	if _, err := s.Session(ctx, his); err != nil {
		t.Errorf("session of the friend: got error %v, want nil", err)
	}

	wantKind(
		t,
		"CreateSession after the deletion",
		s.CreateSession(ctx, chat.Session{ID: uuid.New(), Person: ada}, chat.TokenHash("late")),
		chat.KindNotFound,
	)
	wantKind(t, "Rename after the deletion", s.Rename(ctx, ada.ID, "Ada again"), chat.KindNotFound)
	c, err := s.Conversation(ctx, bob.ID, id)
	if err != nil || c.Writable || c.Title != chat.DeletedName || c.LastSeq != 2 || c.Peer(bob.ID).ID != ada.ID {
		t.Errorf("conversation of the friend: got %+v, %v, want read-only with 2 messages", c, err)
	}

	if m, err := s.Membership(ctx, chat.MembershipKey{Conversation: id, Person: bob.ID}); err != nil || m.Writable {
		t.Errorf("membership: got %+v, %v, want read-only", m, err)
	}

	messages, _, err := s.Messages(ctx, bob.ID, id, chat.Range{Limit: 10})
	if err != nil || len(messages) != 2 || messages[0].Body != "stays" ||
		messages[0].Sender.Name != chat.DeletedName || messages[1].Sender.Name != "Bob" {
		t.Errorf("got messages %+v, %v, want both", messages, err)
	}

	if p := account(t, s, "Ada"); p.ID == ada.ID {
		t.Error("sign-in after the deletion: got the deleted account, want a new one")
	}

	if friends, err := s.Friends(ctx, bob.ID, "", 10); err != nil ||
		slices.ContainsFunc(friends.Friends, func(f chat.Friend) bool { return f.ID == ada.ID }) {
		t.Errorf("got friends %+v, %v, want none deleted", friends, err)
	}
}

// testDeletionAtOnce: no session is left after concurrent deletions and sign-ins.
func testDeletionAtOnce(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			hash := chat.TokenHash(string(rune('a' + i)))
			err := s.CreateSession(ctx, chat.Session{ID: chat.SessionID(hash), Person: ada}, hash)
			if err != nil && chat.KindOf(err) != chat.KindNotFound {
				t.Error(err)
			}

			if i%5 == 0 {
				if _, err := s.DeleteAccount(ctx, ada.ID); err != nil {
					t.Error(err)
				}
			}
		}()
	}

	wg.Wait()
	for i := range 20 {
		_, err := s.Session(ctx, chat.TokenHash(string(rune('a'+i))))
		wantKind(t, "session after the deletion", err, chat.KindNotFound)
	}
}

// testBlocksAfterDeletion: a block by others holds for the next account of the same
// identity. Those by the deleted person are gone.
func testBlocksAfterDeletion(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	for _, pair := range [][2]uuid.UUID{{ada.ID, bob.ID}, {bob.ID, eve.ID}} {
		if _, err := s.Block(ctx, pair[0], pair[1], noon); err != nil {
			t.Fatal(err)
		}
	}

	for range 2 {
		if _, err := s.DeleteAccount(ctx, bob.ID); err != nil {
			t.Fatal(err)
		}
		if blocked, err := s.Blocked(ctx, ada.ID); err != nil || len(blocked) != 0 {
			t.Errorf("blocked after the deletion: got %v, %v, want none", blocked, err)
		}
		if e, err := s.Export(ctx, ada.ID, noon); err != nil || len(e.Blocked) != 0 {
			t.Errorf("export after the deletion: got %v, %v, want none", e.Blocked, err)
		}

		gone := bob.ID
		if bob = account(t, s, "Bob"); bob.ID == gone {
			t.Fatal("the deleted account is back")
		}
		if blocked, err := s.Blocked(ctx, ada.ID); err != nil || len(blocked) != 1 || blocked[0] != bob {
			t.Errorf("blocked after the sign-in: got %v, %v, want %v", blocked, err, bob)
		}
		if blocked, err := s.Blocked(ctx, bob.ID); err != nil || len(blocked) != 0 {
			t.Errorf("blocked by the returned person: got %v, %v, want none", blocked, err)
		}
		if o := requestFriend(t, s, bob, ada, noon); !o.Undelivered {
			t.Errorf("request of the returned person: got %+v, want it undelivered", o)
		}
	}

	if err := s.Unblock(ctx, ada.ID, bob.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DeleteAccount(ctx, bob.ID); err != nil {
		t.Fatal(err)
	}
	if o := requestFriend(t, s, account(t, s, "Bob"), ada, noon); o.Undelivered {
		t.Errorf("request after Unblock and deletion: got %+v, want it delivered", o)
	}
}

// testRequestsAfterDeletion: the day's requests still count when they were deleted with
// an account, of the asker or of the asked person.
func testRequestsAfterDeletion(t *testing.T, s chat.Store) {
	now := time.Now()
	try := func(asker, asked chat.Person) error {
		_, err := s.RequestFriend(
			ctx,
			chat.FriendRequest{ID: chat.NewID(), Asker: asker.ID, Asked: asked.ID, At: now, PerDay: 2},
		)
		return err
	}

	ada, bob, cleo := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Cleo")
	for _, asked := range []chat.Person{bob, cleo} {
		if err := try(ada, asked); err != nil {
			t.Fatal(err)
		}
	}

	if _, err := s.DeleteAccount(ctx, cleo.ID); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "third request", try(ada, account(t, s, "Cleo")), chat.KindTooFast)
	for range 2 {
		if _, err := s.DeleteAccount(ctx, ada.ID); err != nil {
			t.Fatal(err)
		}
		ada = account(t, s, "Ada")
		wantKind(t, "request after the sign-in", try(ada, bob), chat.KindTooFast)
	}

	now = now.Add(25 * time.Hour)
	if err := try(ada, bob); err != nil {
		t.Errorf("request a day later: got error %v, want nil", err)
	}
}

// testFriendsOfDeleted: nobody opens a conversation with a deleted account as its friend.
func testFriendsOfDeleted(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	openDirect(t, s, ada, bob)
	if _, err := s.DeleteAccount(ctx, bob.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.OpenDirect(ctx, ada.ID, bob.ID)
	wantKind(t, "OpenDirect with a deleted account", err, chat.KindReadOnly)
}
