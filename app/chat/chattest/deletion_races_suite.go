package chattest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestDeletionRaces deletes an account while others change what names it. No call may
// fail but for the account's absence, and nobody may see anything that names it after.
func TestDeletionRaces(t *testing.T, s chat.Store) {
	for round := range 8 {
		person := func(name string) chat.Person { return account(t, s, fmt.Sprintf("%s %d", name, round)) }
		ada, others := person("Ada"), []chat.Person{person("Bob"), person("Cleo"), person("Dora"), person("Eve"), person("Fay")}
		bob, cleo, dora, eve, fay := others[0], others[1], others[2], others[3], others[4]
		conversation := openDirect(t, s, ada, bob)
		asked, asking := requestFriend(t, s, cleo, ada, noon), requestFriend(t, s, ada, dora, noon)
		request := func(asker, asked chat.Person) error {
			r := chat.FriendRequest{ID: chat.NewID(), Asker: asker.ID, Asked: asked.ID, At: noon}
			return second(s.RequestFriend(ctx, r))
		}

		calls := []func() error{
			func() error { return second(s.DeleteAccount(ctx, ada.ID)) },
			func() error { return second(s.Block(ctx, bob.ID, ada.ID, noon)) },
			func() error { return second(s.Block(ctx, ada.ID, bob.ID, noon)) },
			func() error { return second(s.Block(ctx, eve.ID, ada.ID, noon)) },
			func() error { return second(s.Unfriend(ctx, bob.ID, ada.ID)) },
			func() error { return second(s.AnswerRequest(ctx, ada.ID, asked.ID, chat.Accept, noon)) },
			func() error { return second(s.AnswerRequest(ctx, cleo.ID, asked.ID, chat.Cancel, noon)) },
			func() error { return second(s.AnswerRequest(ctx, dora.ID, asking.ID, chat.Accept, noon)) },
			func() error { return request(eve, ada) },
			func() error { return request(ada, eve) },
			func() error { _, _, err := s.OpenDirect(ctx, bob.ID, ada.ID); return err },
			func() error { return s.SetSeen(ctx, []uuid.UUID{ada.ID, bob.ID, cleo.ID}, noon) },
			func() error { return s.SetSeen(ctx, []uuid.UUID{cleo.ID, bob.ID, ada.ID}, noon.Add(time.Second)) },
			func() error { return s.SentDraft(ctx, ada.ID, conversation, chat.NewID()) },
			func() error { return s.Rename(ctx, ada.ID, "Ada again") },
			func() error { return second(acceptInvite(s, ada, fay, 0, noon)) },
			func() error { return second(acceptInvite(s, fay, ada, 0, noon)) },
			func() error { return second(s.RenewInvite(ctx, ada.ID)) },
			func() error { return s.SetPicture(ctx, ada.ID, picture(fmt.Sprint(round))) },
			func() error { return second(s.Pin(ctx, ada.ID, conversation, true)) },
			func() error { return second(s.Archive(ctx, bob.ID, conversation, true)) },
			func() error { return second(s.MarkUnread(ctx, ada.ID, conversation, 1)) },
			func() error {
				theme := "dark"
				_, _, err := s.ChangeSettings(ctx, ada.ID, chat.SettingsChange{Theme: &theme})
				return err
			},
			func() error {
				hash := chat.TokenHash(fmt.Sprint("late ", round))
				return s.CreateSession(ctx, chat.Session{ID: chat.SessionID(hash), Person: ada}, hash)
			},
		}
		concurrently(len(calls), func(i int) {
			if err := calls[i](); err != nil && (chat.KindOf(err) == "" || chat.KindOf(err) == chat.KindUnavailable) {
				t.Errorf("round %d, call %d: %v", round, i, err)
			}
		})
		for _, p := range others {
			checkUnnamed(t, s, p, ada.ID)
		}
	}
}

// checkUnnamed checks that nothing of a person names a deleted account.
func checkUnnamed(t *testing.T, s chat.Store, person chat.Person, deleted uuid.UUID) {
	t.Helper()
	export, err := s.Export(ctx, person.ID, noon)
	if err != nil {
		t.Fatal(err)
	}

	for _, p := range append(export.Friends, export.Blocked...) {
		if p.ID == deleted {
			t.Errorf("the export of %s names the deleted account as a friend or as blocked", person.Name)
		}
	}
	for _, r := range export.Requests {
		if r.Asker.ID == deleted || r.Asked.ID == deleted {
			t.Errorf("the export of %s has a request that names the deleted account", person.Name)
		}
	}
}

// second drops the first result.
func second[T any](_ T, err error) error { return err }
