package chattest

import (
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testSettings(t *testing.T, s chat.Store) {
	ada, hash := account(t, s, "Ada"), chat.TokenHash("secret")
	createSession(t, s, ada, hash)
	kept := func() chat.Settings {
		t.Helper()
		got, err := s.Session(ctx, hash)
		if err != nil {
			t.Fatal(err)
		}

		return got.Settings
	}

	if kept() != chat.DefaultSettings() {
		t.Errorf("a new account has %+v", kept())
	}

	dark, no, zone := "dark", false, "Europe/Amsterdam"
	want := chat.DefaultSettings()
	// as three pages that know nothing of each other
	for _, change := range []chat.SettingsChange{
		{Theme: &dark},
		{ShareRead: &no},
		{ShareTyping: &no, TimeZone: &zone},
	} {
		want = change.Apply(want)
		if got, err := s.ChangeSettings(ctx, ada.ID, change); err != nil || got != want || kept() != want {
			t.Errorf("answered %+v, %v, keeps %+v; want %+v", got, err, kept(), want)
		}
	}

	_, err := s.ChangeSettings(ctx, uuid.New(), chat.SettingsChange{Theme: &dark})
	wantKind(t, "nobody's settings", err, chat.KindNotFound)
}

func testTimeZone(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	for i, zone := range []string{"Asia/Tokyo", "America/Lima"} {
		if learned, err := s.LearnTimeZone(ctx, ada.ID, zone); err != nil || learned != (i == 0) {
			t.Errorf("%s learned: %v, %v", zone, learned, err)
		}
	}

	if got, err := s.ChangeSettings(ctx, ada.ID, chat.SettingsChange{}); err != nil || got.TimeZone != "Asia/Tokyo" {
		t.Errorf("keeps %q, %v", got.TimeZone, err)
	}

	if learned, err := s.LearnTimeZone(ctx, uuid.New(), "Asia/Tokyo"); err != nil || learned {
		t.Errorf("nobody's zone: %v, %v", learned, err)
	}
}

func testHiddenReading(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	storeMessages(t, s, id, newMessage(ada, id, "a", 0))

	for _, p := range []chat.Person{ada, bob} {
		if _, _, err := s.MarkRead(ctx, p.ID, id, 1); err != nil {
			t.Fatal(err)
		}
	}

	for _, tt := range []struct {
		ada, bob             bool
		adaSeesBob, hasItOwn bool
	}{{true, true, true, true}, {true, false, false, true}, {false, true, false, false}, {false, false, false, false}} {
		for person, share := range map[uuid.UUID]bool{ada.ID: tt.ada, bob.ID: tt.bob} {
			if _, err := s.ChangeSettings(ctx, person, chat.SettingsChange{ShareRead: &share}); err != nil {
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
				want := tt.adaSeesBob && m.ID == bob.ID || tt.hasItOwn && m.ID == ada.ID
				if (m.ReadSeq != nil) != want || m.DeliveredSeq == nil || *m.DeliveredSeq != 1 {
					t.Errorf("%+v: Ada sees that %s has read %v, has %v", tt, m.Name, m.ReadSeq, m.DeliveredSeq)
				}
			}

			if c.ReadSeq != 1 {
				t.Errorf("Ada's own mark is %d", c.ReadSeq)
			}
		}

		m, err := s.Membership(ctx, id)
		if err != nil {
			t.Fatal(err)
		}

		for _, p := range m.Members {
			if want := p.ID == ada.ID && tt.ada || p.ID == bob.ID && tt.bob; p.ShareRead != want {
				t.Errorf("%+v: %s shares: %v", tt, p.Name, p.ShareRead)
			}
		}
	}
}
