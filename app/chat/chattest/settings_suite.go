package chattest

import (
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testSettings(t *testing.T, s chat.Store) {
	ada, hash := account(t, s, "Ada"), chat.TokenHash("secret")
	createSession(t, s, ada, hash)
	stored := func() chat.Settings {
		t.Helper()
		got, err := s.Session(ctx, hash)
		if err != nil {
			t.Fatal(err)
		}

		return got.Settings
	}

	if stored() != chat.DefaultSettings() {
		t.Errorf("new account: got %+v, want the defaults", stored())
	}

	dark, no, zone := "dark", false, "Europe/Amsterdam"
	want := chat.DefaultSettings()
	// three pages change different settings independently
	for _, change := range []chat.SettingsChange{
		{Theme: &dark},
		{ShareRead: &no},
		{ShareTyping: &no, TimeZone: &zone},
	} {
		want = change.Apply(want)
		was := stored()
		before, got, err := s.ChangeSettings(ctx, ada.ID, change)
		if err != nil || before != was || got != want || stored() != want {
			t.Errorf("got %+v, %v, stored %+v, want %+v", got, err, stored(), want)
		}
	}

	_, _, err := s.ChangeSettings(ctx, uuid.New(), chat.SettingsChange{Theme: &dark})
	wantKind(t, "ChangeSettings of an unknown person", err, chat.KindNotFound)
}

func testTimeZone(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	for i, zone := range []string{"Asia/Tokyo", "America/Lima"} {
		if learned, err := s.LearnTimeZone(ctx, ada.ID, zone); err != nil || learned != (i == 0) {
			t.Errorf("LearnTimeZone(%q): got %v, %v, want %v", zone, learned, err, i == 0)
		}
	}

	before, got, err := s.ChangeSettings(ctx, ada.ID, chat.SettingsChange{})
	if err != nil || before != got || got.TimeZone != "Asia/Tokyo" {
		t.Errorf("got time zone %q, %v, want the first one", got.TimeZone, err)
	}

	if learned, err := s.LearnTimeZone(ctx, uuid.New(), "Asia/Tokyo"); err != nil || learned {
		t.Errorf("LearnTimeZone of an unknown person: got %v, %v, want false", learned, err)
	}
}

// testHiddenMarks: a person who hides something does not see it of others, and a delivered mark
// does not tell what a hidden presence hides.
func testHiddenMarks(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	storeMessages(t, s, id, newMessage(ada, id, "a", 0), newMessage(ada, id, "b", 1))

	for _, p := range []chat.Person{ada, bob} {
		if _, err := s.MarkRead(ctx, p.ID, id, 1); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.MarkDelivered(ctx, p.ID, id, 2); err != nil {
			t.Fatal(err)
		}
	}

	for _, tt := range []struct {
		adaReads, bobReads, adaHere, bobHere bool // what they share
		adaSeesRead, adaSeesOwn              bool
		adaSeesDelivered                     int64 // 0: nothing
	}{
		{true, true, true, true, true, true, 2},
		{true, false, true, true, false, true, 2},
		{false, true, true, true, false, false, 2},
		{false, false, true, true, false, false, 2},
		{true, true, true, false, true, true, 1}, // delivered is told with the read mark
		{true, true, false, true, true, true, 1},
		{true, false, true, false, false, true, 0},
		{false, true, false, true, false, false, 0},
	} {
		for person, share := range map[uuid.UUID][2]bool{
			ada.ID: {tt.adaReads, tt.adaHere},
			bob.ID: {tt.bobReads, tt.bobHere},
		} {
			change := chat.SettingsChange{ShareRead: &share[0], SharePresence: &share[1]}
			if _, _, err := s.ChangeSettings(ctx, person, change); err != nil {
				t.Fatal(err)
			}
		}

		one, err := s.Conversation(ctx, ada.ID, id)
		if err != nil {
			t.Fatal(err)
		}

		page, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Limit: 5})
		if err != nil {
			t.Fatal(err)
		}

		for _, c := range []chat.Conversation{one, page.Conversations[0]} {
			for _, m := range c.Members {
				read, delivered := tt.adaSeesRead, tt.adaSeesDelivered
				if m.ID == ada.ID {
					read, delivered = tt.adaSeesOwn, 2
				}
				if (m.ReadSeq != nil) != read || (m.DeliveredSeq != nil) != (delivered > 0) ||
					delivered > 0 && *m.DeliveredSeq != delivered {
					t.Errorf("%+v: got read %v, delivered %v of %s, want read %v, delivered %d",
						tt, m.ReadSeq, m.DeliveredSeq, m.Name, read, delivered)
				}
			}

			if c.ReadSeq != 1 {
				t.Errorf("own mark: got %d, want 1", c.ReadSeq)
			}
		}

		m, err := s.Membership(ctx, chat.MembershipKey{Conversation: id, Person: ada.ID})
		if err != nil {
			t.Fatal(err)
		}

		if m.Person.ShareRead != tt.adaReads || m.Peer.ShareRead != tt.bobReads {
			t.Errorf("%+v: got ShareRead %v and %v", tt, m.Person.ShareRead, m.Peer.ShareRead)
		}
	}
}
