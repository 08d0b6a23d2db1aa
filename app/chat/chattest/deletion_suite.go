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
	gone, err := s.DeleteAccount(ctx, ada.ID)
	if len(gone.Friends) != 1 || gone.Friends[0] != bob.ID {
		t.Errorf("friends were %v", gone.Friends)
	}

	if err != nil || len(gone.Sessions) != 2 || !slices.Contains(gone.Sessions, chat.SessionID(here)) ||
		!slices.Contains(gone.Sessions, chat.SessionID(there)) {
		t.Errorf("deleted %+v, %v", gone, err)
	}

	if again, err := s.DeleteAccount(ctx, ada.ID); err != nil || len(again.Sessions)+len(again.Friends) > 0 {
		t.Errorf("again: %+v, %v", again, err)
	}

	_, err = s.Session(ctx, here)
	wantKind(t, "her session", err, chat.KindNotFound)
	if _, err := s.Session(ctx, his); err != nil {
		t.Errorf("his session: %v", err)
	}

	wantKind(
		t,
		"a new session of hers",
		s.CreateSession(ctx, chat.Session{ID: uuid.New(), Person: ada}, chat.TokenHash("late")),
		chat.KindNotFound,
	)
	wantKind(t, "a new name", s.Rename(ctx, ada.ID, "Ada again"), chat.KindNotFound)
	c, err := s.Conversation(ctx, bob.ID, id)
	if err != nil || c.Writable || c.Title != chat.DeletedName || c.LastSeq != 2 || c.Peer(bob.ID).ID != ada.ID {
		t.Errorf("as the friend sees it: %+v, %v", c, err)
	}

	if m, err := s.Membership(ctx, id); err != nil || m.Writable {
		t.Errorf("the friend may write: %+v, %v", m, err)
	}

	messages, _, err := s.Messages(ctx, id, chat.Range{Limit: 10})
	if err != nil || len(messages) != 2 || messages[0].Body != "stays" ||
		messages[0].Sender.Name != chat.DeletedName || messages[1].Sender.Name != "Bob" {
		t.Errorf("the history is %+v, %v", messages, err)
	}

	if p := account(t, s, "Ada"); p.ID == ada.ID {
		t.Error("signing in again brought the deleted account back")
	}

	if friends, err := s.Friends(ctx, bob.ID, "", 10); err != nil ||
		slices.ContainsFunc(friends.Friends, func(f chat.Friend) bool { return f.ID == ada.ID }) {
		t.Errorf("friends %+v, %v", friends, err)
	}
}

// testDeletionAtOnce: whatever the order, no session is left.
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
		wantKind(t, "a session after the deletion", err, chat.KindNotFound)
	}
}
