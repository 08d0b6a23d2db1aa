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

func testRename(t *testing.T, s chat.Store) {
	who := chat.Identity{Provider: "google", Subject: "1", Name: "Ada from Google"}
	ada, err := s.Account(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	hash := chat.TokenHash("ada's")
	session := chat.Session{ID: chat.SessionID(hash), Person: ada, CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}
	if err := s.CreateSession(ctx, session, hash); err != nil {
		t.Fatal(err)
	}
	is := func(name string, confirmed bool) {
		t.Helper()
		got, err := s.Session(ctx, hash)
		if err != nil || got.Person.Name != name || got.Confirmed != confirmed {
			t.Errorf("got %q, confirmed %v, %v; want %q, %v", got.Person.Name, got.Confirmed, err, name, confirmed)
		}
	}
	is("Ada from Google", false)
	for _, name := range []string{"Ada", "Ada", "Ada Lovelace"} {
		if err := s.Rename(ctx, ada.ID, name); err != nil {
			t.Fatal(err)
		}
		is(name, true)
	}
	who.Name = "what Google calls her now"
	if again, err := s.Account(ctx, who); err != nil || again.ID != ada.ID || again.Name != "Ada Lovelace" {
		t.Errorf("signed in again: %+v, %v", again, err)
	}
	wants(t, "nobody", s.Rename(ctx, chat.NewID(), "Nobody"), chat.KindNotFound)
}

func testSpendSignIn(t *testing.T, s chat.Store) {
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = s.SpendSignIn(ctx, chat.TokenHash("secret"), time.Now().Add(time.Minute))
		}()
	}
	wg.Wait()
	first := 0
	for _, err := range errs {
		if err == nil {
			first++
		} else {
			wants(t, "spent before", err, chat.KindNotFound)
		}
	}
	if first != 1 {
		t.Errorf("%d of eight were the first", first)
	}
	if err := s.SpendSignIn(ctx, chat.TokenHash("another"), time.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
}
