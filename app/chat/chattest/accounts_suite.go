package chattest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

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
			t.Errorf("concurrent sign-ins: got %v and %v, want one account", people[0], p)
		}
	}

	other, err := s.Account(ctx, chat.Identity{Provider: "google", Subject: "ada", Name: "Ada"})
	if err != nil || other.ID == people[0].ID {
		t.Errorf("same subject at another provider: got %v, %v, want another account", other, err)
	}
}

func testSessions(t *testing.T, s chat.Store) {
	ada, hash := account(t, s, "Ada"), chat.TokenHash("secret")
	want := chat.Session{
		ID:        chat.SessionID(hash),
		Person:    ada,
		Device:    "Firefox",
		CreatedAt: time.Now().Truncate(time.Millisecond),
		ExpiresAt: time.Now().Add(time.Hour).Truncate(time.Millisecond),
	}

	if err := s.CreateSession(ctx, want, hash); err != nil {
		t.Fatal(err)
	}

	got, err := s.Session(ctx, hash)
	if err != nil || got.ID != want.ID || got.Person != ada || got.Device != "Firefox" ||
		!got.ExpiresAt.Equal(want.ExpiresAt) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}

	_, err = s.Session(ctx, chat.TokenHash("guess"))
	wantKind(t, "unknown token", err, chat.KindNotFound)
	for range 2 {
		if err := s.DeleteSession(ctx, want.ID); err != nil {
			t.Errorf("DeleteSession: got error %v, want nil", err)
		}
	}

	_, err = s.Session(ctx, hash)
	wantKind(t, "ended session", err, chat.KindNotFound)
}

func testRename(t *testing.T, s chat.Store) {
	who := chat.Identity{Provider: "google", Subject: "1", Name: "Ada from Google"}
	ada, err := s.Account(ctx, who)
	if err != nil {
		t.Fatal(err)
	}

	hash := chat.TokenHash("ada's")
	session := chat.Session{
		ID:        chat.SessionID(hash),
		Person:    ada,
		CreatedAt: time.Now(),
		ExpiresAt: time.Now().Add(time.Hour),
	}

	if err := s.CreateSession(ctx, session, hash); err != nil {
		t.Fatal(err)
	}

	check := func(name string, confirmed bool) {
		t.Helper()
		got, err := s.Session(ctx, hash)
		if err != nil || got.Person.Name != name || got.Confirmed != confirmed {
			t.Errorf("got %q, confirmed %v, %v, want %q, %v", got.Person.Name, got.Confirmed, err, name, confirmed)
		}
	}

	check("Ada from Google", false)
	for _, name := range []string{"Ada", "Ada", "Ada Lovelace"} {
		if err := s.Rename(ctx, ada.ID, name); err != nil {
			t.Fatal(err)
		}

		check(name, true)
	}

	who.Name = "Ada Byron from Google"
	if again, err := s.Account(ctx, who); err != nil || again.ID != ada.ID || again.Name != "Ada Lovelace" {
		t.Errorf("second sign-in: got %+v, %v, want the confirmed name", again, err)
	}

	wantKind(t, "Rename of an unknown person", s.Rename(ctx, chat.NewID(), "Nobody"), chat.KindNotFound)
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
			wantKind(t, "second use", err, chat.KindNotFound)
		}
	}

	if first != 1 {
		t.Errorf("got %d successful uses, want 1", first)
	}

	if err := s.SpendSignIn(ctx, chat.TokenHash("another"), time.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
}

// createSession creates a session that lasts an hour.
func createSession(t *testing.T, s chat.Store, p chat.Person, hash [32]byte) chat.Session {
	t.Helper()
	now := time.Now().Truncate(time.Millisecond)
	made := chat.Session{
		ID:        chat.SessionID(hash),
		Person:    p,
		Device:    "Firefox",
		CreatedAt: now,
		SeenAt:    now,
		ExpiresAt: now.Add(time.Hour),
	}

	if err := s.CreateSession(ctx, made, hash); err != nil {
		t.Fatal(err)
	}

	return made
}

func testManySessions(t *testing.T, s chat.Store) {
	ada, eve := account(t, s, "Ada"), account(t, s, "Eve")
	first := createSession(t, s, ada, chat.TokenHash("1"))
	second := createSession(t, s, ada, chat.TokenHash("2"))
	third := createSession(t, s, ada, chat.TokenHash("3"))
	hers := createSession(t, s, eve, chat.TokenHash("eve"))
	order := func(now time.Time) (ids []uuid.UUID) {
		t.Helper()
		list, err := s.Sessions(ctx, ada.ID, now)
		if err != nil {
			t.Fatal(err)
		}

		for _, one := range list {
			ids = append(ids, one.ID)
		}

		return ids
	}

	later := first.SeenAt.Add(30 * time.Minute)
	seen := map[uuid.UUID]time.Time{
		first.ID:   later,
		second.ID:  later.Add(time.Minute),
		third.ID:   third.SeenAt.Add(-time.Hour),
		uuid.New(): later,
	}
	if err := s.TouchSessions(ctx, seen); err != nil {
		t.Fatal(err)
	}

	if got := order(later); !slices.Equal(got, []uuid.UUID{second.ID, first.ID, third.ID}) {
		t.Errorf("got order %v, want the last seen first", got)
	}

	if list, _ := s.Sessions(ctx, ada.ID, later); !list[1].SeenAt.Equal(later) ||
		!list[2].SeenAt.Equal(third.SeenAt) || list[0].Device != "Firefox" {
		t.Errorf("got seen %v and %v, want %v and %v", list[1].SeenAt, list[2].SeenAt, later, third.SeenAt)
	}

	if got := order(third.ExpiresAt); got != nil {
		t.Errorf("expired: got sessions %v, want none", got)
	}

	wantKind(t, "EndSession of another person", s.EndSession(ctx, ada.ID, hers.ID), chat.KindNotFound)
	if err := s.EndSession(ctx, ada.ID, third.ID); err != nil {
		t.Errorf("EndSession: got error %v, want nil", err)
	}

	wantKind(t, "second EndSession", s.EndSession(ctx, ada.ID, third.ID), chat.KindNotFound)
	live, err := s.LiveSessions(ctx, []uuid.UUID{first.ID, third.ID, hers.ID, uuid.New()}, later)
	if err != nil || len(live) != 2 || !slices.Contains(live, first.ID) || !slices.Contains(live, hers.ID) {
		t.Errorf("LiveSessions: got %v, %v, want 2", live, err)
	}

	if live, err := s.LiveSessions(ctx, []uuid.UUID{first.ID}, first.ExpiresAt); err != nil || len(live) > 0 {
		t.Errorf("LiveSessions after the expiry: got %v, %v, want none", live, err)
	}

	if ended, err := s.EndOtherSessions(ctx, ada.ID, first.ID); err != nil ||
		!slices.Equal(ended, []uuid.UUID{second.ID}) {
		t.Errorf("EndOtherSessions: got %v, %v, want %v", ended, err, second.ID)
	}

	if got := order(later); !slices.Equal(got, []uuid.UUID{first.ID}) {
		t.Errorf("remaining sessions: got %v, want %v", got, first.ID)
	}

	if _, err := s.Session(ctx, chat.TokenHash("eve")); err != nil {
		t.Errorf("session of another person: got error %v, want nil", err)
	}
}

func testExpiredSessions(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	forget := func(before time.Time, limit int) int {
		t.Helper()
		n, err := s.ForgetExpired(ctx, before, limit)
		if err != nil {
			t.Fatal(err)
		}

		return n
	}

	var all []chat.Session
	for i := range 3 {
		all = append(all, createSession(t, s, ada, chat.TokenHash(fmt.Sprint("old ", i))))
	}

	last := all[2].ExpiresAt
	if n := forget(all[0].ExpiresAt.Add(-time.Microsecond), 10); n != 0 {
		t.Errorf("before the expiry: got %d removed, want 0", n)
	}

	if a, b, c := forget(last, 2), forget(last, 2), forget(last, 2); a != 2 || b != 1 || c != 0 {
		t.Errorf("limit 2 of 3 sessions: got %d, %d, %d removed, want 2, 1, 0", a, b, c)
	}

	_, err := s.Session(ctx, chat.TokenHash("old 0"))
	wantKind(t, "removed session", err, chat.KindNotFound)
}

func testRenamedFriend(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	if err := s.Rename(ctx, ada.ID, "Ada Byron"); err != nil {
		t.Fatal(err)
	}

	if p := account(t, s, "Ada"); p.ID != ada.ID || p.Name != "Ada Byron" {
		t.Errorf("sign-in after the rename: got %+v, want the new name", p)
	}

	if c, err := s.Conversation(ctx, bob.ID, id); err != nil || c.Title != "Ada Byron" {
		t.Errorf("title for the friend: got %q, %v, want the new name", c.Title, err)
	}

	wantKind(t, "unknown person", s.Rename(ctx, uuid.New(), "X"), chat.KindNotFound)
}
