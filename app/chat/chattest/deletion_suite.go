package chattest

import (
	"slices"
	"sync"
	"testing"

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

	if m, err := s.Membership(ctx, id); err != nil || m.Writable {
		t.Errorf("membership: got %+v, %v, want read-only", m, err)
	}

	messages, _, err := s.Messages(ctx, id, chat.Range{Limit: 10})
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
