package chat_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// writesSeen writes the noted sessions and returns a session's SeenAt.
func (h *harness) writeSeen(id uuid.UUID) time.Time {
	h.t.Helper()
	if err := h.WriteSeen(ctx); err != nil {
		h.t.Fatal(err)
	}

	list, err := h.Sessions(ctx, h.ada)
	if err != nil {
		h.t.Fatal(err)
	}

	for _, s := range list {
		if s.ID == id {
			return s.SeenAt
		}
	}

	h.t.Fatalf("session %s isn't listed", id)
	return time.Time{}
}

func TestSessionsAreSeenToAMinute(t *testing.T) {
	h := newHarness(t, limits{})
	session, token, err := h.SignIn(ctx, chat.Identity{Provider: chat.ProviderDev, Name: "Ada"}, "test", "")
	if err != nil {
		t.Fatal(err)
	}

	begin := h.now
	for i, tt := range []struct {
		after time.Duration // since the sign-in
		down  bool
		want  time.Duration
	}{
		{30 * time.Second, false, 0},
		{61 * time.Second, false, 61 * time.Second},
		{90 * time.Second, false, 61 * time.Second}, // not a minute yet, though the cached row is old
		{150 * time.Second, true, 0},                // the store is down
		{3 * time.Minute, false, 150 * time.Second}, // what could not be written is not lost
		{4*time.Minute + 30*time.Second, false, 270 * time.Second},
	} {
		h.now, h.store.Down = begin.Add(tt.after), tt.down
		if _, err := h.Authenticate(ctx, token); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}

		if tt.down {
			if err := h.WriteSeen(ctx); err == nil {
				t.Error("writing to a store that is down succeeded")
			}

			continue
		}

		if got := h.writeSeen(session.ID).Sub(begin); got != tt.want {
			t.Errorf("step %d: seen %v after the sign-in, want %v", i, got, tt.want)
		}
	}
}

func TestEndedSessionsAreFound(t *testing.T) {
	h := newHarness(t, limits{})
	kept, token, err := h.SignIn(ctx, chat.Identity{Provider: chat.ProviderDev, Name: "Ada"}, "test", "")
	if err != nil {
		t.Fatal(err)
	}

	lost, lostToken, err := h.SignIn(ctx, chat.Identity{Provider: chat.ProviderDev, Name: "Ada"}, "test", "")
	if err != nil {
		t.Fatal(err)
	}

	for _, tok := range []string{token, lostToken} {
		if _, err := h.Authenticate(ctx, tok); err != nil {
			t.Fatal(err)
		}
	}

	if err := h.store.EndSession(ctx, h.ada.ID, lost.ID); err != nil { // by a process that ended before it could say so
		t.Fatal(err)
	}

	h.store.Down = true
	if _, err := h.EndedSessions(ctx, []uuid.UUID{kept.ID, lost.ID}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("with the store down: %v", err)
	}

	h.store.Down = false
	ended, err := h.EndedSessions(ctx, []uuid.UUID{kept.ID, lost.ID})
	if err != nil || len(ended) != 1 || ended[0] != lost.ID {
		t.Errorf("ended are %v, %v", ended, err)
	}

	if _, err := h.Authenticate(ctx, lostToken); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("its cached token: %v", err)
	}

	if _, err := h.Authenticate(ctx, token); err != nil {
		t.Errorf("the other one: %v", err)
	}
}

func TestEndingSessionsIsSaidEverywhere(t *testing.T) {
	h := newHarness(t, limits{})
	here, other := h.signIn("Ada"), h.signIn("Ada")
	if err := h.EndSession(ctx, h.bob, other.ID); chat.KindOf(err) != chat.KindNotFound || len(h.bus.Broadcasts) > 0 {
		t.Errorf("somebody else's: %v, said %v", err, h.bus.Broadcasts)
	}

	if err := h.EndOtherSessions(ctx, here); err != nil {
		t.Fatal(err)
	}

	said := map[uuid.UUID]bool{}
	for _, e := range h.bus.Broadcasts {
		said[*e.(chat.InvalidateEvent).Session] = true
	}

	if len(said) != 2 || !said[other.ID] || said[here.ID] { // newHarness signed Ada in as well
		t.Errorf("said of %v", said)
	}
}

func TestSignInRotatesTheToken(t *testing.T) {
	h := newHarness(t, limits{})
	who := chat.Identity{Provider: chat.ProviderDev, Name: "Ada"}
	_, first, err := h.SignIn(ctx, who, "", "")
	if err != nil {
		t.Fatal(err)
	}

	_, second, err := h.SignIn(ctx, who, "", first)
	if err != nil || second == first {
		t.Fatalf("the token was kept: %v", err)
	}

	if _, err := h.Authenticate(ctx, first); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("the old token still answers: %v", err)
	}

	h.now = h.now.Add(chat.SessionLifetime)
	if _, err := h.Authenticate(ctx, second); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("past its lifetime: %v", err)
	}
}
