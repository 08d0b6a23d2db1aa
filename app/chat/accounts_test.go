package chat_test

import (
	"strings"
	"testing"
	"time"

	"parley/app/chat"
)

func TestANameIsConfirmedOnce(t *testing.T) {
	h := newHarness(t, limits{})
	_, token, err := h.SignIn(
		ctx,
		chat.Identity{Provider: "google", Subject: "1", Name: " Eve\u202e\x00of\nGoogle " + strings.Repeat("x", 90)},
		"test",
		"",
	)
	if err != nil {
		t.Fatal(err)
	}

	s, err := h.Authenticate(ctx, token)
	if err != nil || s.Confirmed || s.Person.Name != "Eve of Google "+strings.Repeat("x", 46) {
		t.Fatalf("got %+v, %v", s, err)
	}

	if err := h.Rename(ctx, s.Person, " \n"); chat.KindOf(err) != chat.KindInvalid {
		t.Errorf("a blank name: %v", err)
	}

	// Another replica confirms it, and its notice is lost: this one must not ask again.
	if err := h.store.Rename(ctx, s.Person.ID, "Eve"); err != nil {
		t.Fatal(err)
	}

	if s, err = h.Authenticate(ctx, token); err != nil || !s.Confirmed || s.Person.Name != "Eve" {
		t.Errorf("still unconfirmed: %+v, %v", s, err)
	}

	if err := h.Rename(ctx, s.Person, "Eve Adams"); err != nil {
		t.Fatal(err)
	}

	if s, err = h.Authenticate(ctx, token); err != nil || s.Person.Name != "Eve Adams" {
		t.Errorf("the old name is still read: %+v, %v", s, err)
	}

	if last := h.bus.Broadcasts[len(h.bus.Broadcasts)-1]; *last.(chat.InvalidateEvent).Person != s.Person.ID {
		t.Errorf("other replicas received %v", last)
	}
}

func TestSuggestedNames(t *testing.T) {
	for said, want := range map[string]string{
		"Ada":                   "Ada",
		"":                      "Someone new",
		"...":                   "Someone new",
		"\xff\xfe":              "Someone new",
		"a\u2028b":              "a b",
		"\u202eevil":            "evil",
		strings.Repeat("é", 61): strings.Repeat("é", 60), strings.Repeat("x", 59) + " y": strings.Repeat("x", 59),
	} {
		got := chat.SuggestName(said)
		if again, err := chat.NormalizeName(got); got != want || err != nil || again != got {
			t.Errorf("%q became %q, %v; want %q", said, got, err, want)
		}
	}
}

func TestASignInCountsOnce(t *testing.T) {
	h := newHarness(t, limits{})
	if err := h.SpendSignIn(ctx, "a secret", h.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := h.SpendSignIn(ctx, "a secret", h.now.Add(time.Minute)); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("twice: %v", err)
	}
}
