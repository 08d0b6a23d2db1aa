package chat_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// writeSeen writes the noted sessions and returns the SeenAt of one of them.
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

	h.t.Fatalf("session %s: not in the list", id)
	return time.Time{}
}

func TestSeenAtIsExactToAMinute(t *testing.T) {
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
		{90 * time.Second, false, 61 * time.Second}, // less than a minute after the last write
		{150 * time.Second, true, 0},                // the store is down
		{3 * time.Minute, false, 150 * time.Second}, // the failed write is retried
		{4*time.Minute + 30*time.Second, false, 270 * time.Second},
	} {
		h.now, h.store.Down = begin.Add(tt.after), tt.down
		if _, err := h.Authenticate(ctx, token); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}

		if tt.down {
			if err := h.WriteSeen(ctx); err == nil {
				t.Errorf("step %d: WriteSeen with the store down returned no error", i)
			}

			continue
		}

		if got := h.writeSeen(session.ID).Sub(begin); got != tt.want {
			t.Errorf("step %d: got seen %v after the sign-in, want %v", i, got, tt.want)
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

	// A replica that crashed before its broadcast ended the session.
	if err := h.store.EndSession(ctx, h.ada.ID, lost.ID); err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	if _, err := h.EndedSessions(ctx, []uuid.UUID{kept.ID, lost.ID}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("store down: got %v, want Unavailable", err)
	}

	h.store.Down = false
	ended, err := h.EndedSessions(ctx, []uuid.UUID{kept.ID, lost.ID})
	if err != nil || len(ended) != 1 || ended[0] != lost.ID {
		t.Errorf("got ended %v, %v, want %v", ended, err, lost.ID)
	}

	if _, err := h.Authenticate(ctx, lostToken); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("token of the ended session: got %v, want SignedOut", err)
	}

	if _, err := h.Authenticate(ctx, token); err != nil {
		t.Errorf("token of the other session: got error %v, want nil", err)
	}
}

func TestEndedSessionsAreBroadcast(t *testing.T) {
	h := newHarness(t, limits{})
	here, other := h.signIn("Ada"), h.signIn("Ada")
	err := h.EndSession(ctx, h.bob, other.ID)
	if chat.KindOf(err) != chat.KindNotFound || len(h.bus.Broadcasts) > 0 {
		t.Errorf("session of another person: got %v, broadcasts %v, want NotFound and none", err, h.bus.Broadcasts)
	}

	if err := h.EndOtherSessions(ctx, here); err != nil {
		t.Fatal(err)
	}

	ended := map[uuid.UUID]bool{}
	for _, e := range h.bus.Broadcasts {
		ended[*e.(chat.InvalidateEvent).Session] = true
	}

	if len(ended) != 2 || !ended[other.ID] || ended[here.ID] { // newHarness signed Ada in as well
		t.Errorf("got invalidated sessions %v, want 2 others", ended)
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
		t.Fatalf("second sign-in: got %v, same token: %v", err, second == first)
	}

	if _, err := h.Authenticate(ctx, first); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("old token: got %v, want SignedOut", err)
	}

	h.now = h.now.Add(chat.SessionLifetime)
	if _, err := h.Authenticate(ctx, second); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("expired session: got %v, want SignedOut", err)
	}
}
