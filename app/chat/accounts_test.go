package chat_test

import (
	"strings"
	"testing"
	"time"

	"parley/app/chat"
)

func TestNameIsConfirmedOnce(t *testing.T) {
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
		t.Fatalf("got %+v, %v, want an unconfirmed session with a cleaned name", s, err)
	}

	if err := h.Rename(ctx, s.Person, " \n"); chat.KindOf(err) != chat.KindInvalid {
		t.Errorf("blank name: got %v, want Invalid", err)
	}

	// Another replica confirms the name, and its invalidation is lost. This replica must not
	// request the name again.
	if err := h.store.Rename(ctx, s.Person.ID, "Eve"); err != nil {
		t.Fatal(err)
	}

	if s, err = h.Authenticate(ctx, token); err != nil || !s.Confirmed || s.Person.Name != "Eve" {
		t.Errorf("confirmed elsewhere: got %+v, %v, want a confirmed session of Eve", s, err)
	}

	if err := h.Rename(ctx, s.Person, "Eve Adams"); err != nil {
		t.Fatal(err)
	}

	if s, err = h.Authenticate(ctx, token); err != nil || s.Person.Name != "Eve Adams" {
		t.Errorf("renamed: got %+v, %v, want the new name", s, err)
	}

	if last := h.bus.Broadcasts[len(h.bus.Broadcasts)-1]; *last.(chat.InvalidateEvent).Person != s.Person.ID {
		t.Errorf("last broadcast: got %v, want an invalidation of the person", last)
	}
}

func TestSuggestName(t *testing.T) {
	for in, want := range map[string]string{
		"Ada":                   "Ada",
		"":                      "Someone new",
		"...":                   "Someone new",
		"\xff\xfe":              "Someone new",
		"a\u2028b":              "a b",
		"\u202eevil":            "evil",
		strings.Repeat("é", 61): strings.Repeat("é", 60), strings.Repeat("x", 59) + " y": strings.Repeat("x", 59),
	} {
		got := chat.SuggestName(in)
		if again, err := chat.NormalizeName(got); got != want || err != nil || again != got {
			t.Errorf("SuggestName(%q): got %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestSignInSecretIsSpentOnce(t *testing.T) {
	h := newHarness(t, limits{})
	if err := h.SpendSignIn(ctx, "a secret", h.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := h.SpendSignIn(ctx, "a secret", h.now.Add(time.Minute)); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("second use: got %v, want NotFound", err)
	}
}
