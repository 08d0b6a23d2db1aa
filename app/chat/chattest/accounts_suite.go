package chattest

import (
	"sync"
	"testing"
	"time"

	"parley/app/chat"
)

func testAccounts(t *testing.T, s chat.Store) {
	var wg sync.WaitGroup
	people := make([]chat.Person, 8)
	for i := range people {
		wg.Add(1)
		go func() { defer wg.Done(); people[i] = account(t, s, "Ada") }()
	}
	wg.Wait()
	for _, p := range people {
		if p != people[0] || p.Name != "Ada" {
			t.Errorf("eight sign-ins at once made %v and %v", people[0], p)
		}
	}
	other, err := s.Account(ctx, chat.Identity{Provider: "google", Subject: "ada", Name: "Ada"})
	if err != nil || other.ID == people[0].ID {
		t.Errorf("the same subject at another provider: %v, %v", other, err)
	}
}

func testSessions(t *testing.T, s chat.Store) {
	ada, hash := account(t, s, "Ada"), chat.TokenHash("secret")
	want := chat.Session{ID: chat.SessionID(hash), Person: ada, Device: "Firefox", CreatedAt: time.Now().Truncate(time.Millisecond), ExpiresAt: time.Now().Add(time.Hour).Truncate(time.Millisecond)}
	if err := s.CreateSession(ctx, want, hash); err != nil {
		t.Fatal(err)
	}
	got, err := s.Session(ctx, hash)
	if err != nil || got.ID != want.ID || got.Person != ada || got.Device != "Firefox" || !got.ExpiresAt.Equal(want.ExpiresAt) {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = s.Session(ctx, chat.TokenHash("guess"))
	wants(t, "an unknown token", err, chat.KindNotFound)
	for range 2 {
		if err := s.DeleteSession(ctx, want.ID); err != nil {
			t.Errorf("ended: %v", err)
		}
	}
	_, err = s.Session(ctx, hash)
	wants(t, "an ended session", err, chat.KindNotFound)
}
