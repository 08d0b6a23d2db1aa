package chat_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// otherReplica returns another replica on the same ports, with empty caches.
func (h *harness) otherReplica() replica {
	return h.replicaOn(ports{})
}

// signInWithToken signs a person in and authenticates the token, so that the session is
// cached.
func (h *harness) signInWithToken(name string) (chat.Session, string) {
	h.t.Helper()
	session, token, err := h.SignIn(ctx, chat.Identity{Provider: chat.ProviderDev, Name: name}, "test", "")
	if err == nil {
		_, err = h.Authenticate(ctx, token)
	}

	if err != nil {
		h.t.Fatal(err)
	}

	return session, token
}

// TestSharedCacheServesOtherReplica: while the store is down, an unknown token or
// conversation returns Unavailable instead of a rejection.
func TestSharedCacheServesOtherReplica(t *testing.T) {
	h := newHarness(t, limits{})
	_, token := h.signInWithToken("Ada")
	if _, err := h.send("caches the membership"); err != nil {
		t.Fatal(err)
	}

	other := h.otherReplica()
	h.store.Down = true
	session, err := other.Authenticate(ctx, token)
	if err != nil || session.Person != h.ada {
		t.Fatalf("Authenticate: got %+v, %v, want Ada", session, err)
	}

	if _, err := other.Send(ctx, session.Person, h.conversation, newText("from the other replica")); err != nil {
		t.Errorf("Send with a shared membership: got error %v, want nil", err)
	}

	page, err := other.History(ctx, session.Person, h.conversation, chat.Range{})
	if err != nil || len(page.Pending) != 2 || page.Complete {
		t.Errorf("History: got %+v, %v, want an incomplete page with 2 pending messages", page, err)
	}

	if _, err := other.Authenticate(ctx, chat.NewToken()); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("unknown token: got %v, want Unavailable", err)
	}

	_, err = other.History(ctx, session.Person, uuid.New(), chat.Range{})
	if chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("unknown conversation: got %v, want Unavailable", err)
	}

	h.now = h.now.Add(chat.SessionLifetime)
	if _, err := other.Authenticate(ctx, token); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("expired session: got %v, want SignedOut", err)
	}

	if _, err := h.otherReplica().Authenticate(ctx, token); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("expired session in the shared cache: got %v, want SignedOut", err)
	}
}

// TestEndedSessionsAreNotServed: a session that was read before its end and cached
// afterwards is not served either.
func TestEndedSessionsAreNotServed(t *testing.T) {
	for name, end := range map[string]func(h *harness, s chat.Session) error{
		"signed out": func(h *harness, s chat.Session) error { return h.SignOut(ctx, s) },
		"revoked":    func(h *harness, s chat.Session) error { return h.EndSession(ctx, s.Person, s.ID) },
		"revoked by kind": func(h *harness, s chat.Session) error {
			return h.EndOtherSessions(ctx, chat.Session{ID: uuid.New(), Person: s.Person})
		},
		"account deleted": func(h *harness, s chat.Session) error { return h.DeleteAccount(ctx, s.Person, "Ada") },
		"broadcast lost":  func(h *harness, s chat.Session) error { h.bus.Down = true; return h.SignOut(ctx, s) },
		"invalidation lost": func(h *harness, s chat.Session) error {
			if err := h.store.DeleteSession(ctx, s.ID); err != nil {
				return err
			}

			_, err := h.EndedSessions(ctx, []uuid.UUID{s.ID})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			session, token := h.signInWithToken("Ada")
			clock, _ := h.shared.Clock(ctx)
			if err := end(h, session); err != nil {
				t.Fatal(err)
			}

			h.shared.PutSession(ctx, session, clock)
			h.store.Down = true
			replicas := map[string]replica{"this replica": h.replica, "other replica": h.otherReplica()}
			for name, replica := range replicas {
				if _, err := replica.Authenticate(ctx, token); chat.KindOf(err) != chat.KindUnavailable {
					t.Errorf("%s: got %v, want Unavailable", name, err)
				}
			}
		})
	}
}

// TestChangedMembershipsAreNotServed: a former friend cannot write with a cached
// membership.
func TestChangedMembershipsAreNotServed(t *testing.T) {
	for name, change := range map[string]func(h *harness) error{
		"unfriended": func(h *harness) error { return h.Unfriend(ctx, h.ada, h.bob.ID) },
		"blocked":    func(h *harness) error { return h.Block(ctx, h.ada, h.bob.ID) },
		"deleted":    func(h *harness) error { return h.DeleteAccount(ctx, h.bob, "Bob") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			if _, err := h.send("hi"); err != nil {
				t.Fatal(err)
			}

			if err := change(h); err != nil {
				t.Fatal(err)
			}

			h.store.Down = true
			replicas := map[string]replica{"this replica": h.replica, "other replica": h.otherReplica()}
			for name, replica := range replicas {
				_, err := replica.Send(ctx, h.ada, h.conversation, newText("hi"))
				if chat.KindOf(err) != chat.KindUnavailable {
					t.Errorf("%s: got %v, want Unavailable", name, err)
				}
			}
		})
	}
}

// slowStore reads a session, then applies a change, then returns the session.
type slowStore struct {
	chat.Store
	change func()
}

func (s slowStore) Session(ctx context.Context, hash [32]byte) (chat.Session, error) {
	session, err := s.Store.Session(ctx, hash)
	s.change()
	return session, err
}

// TestValuesReadBeforeAChangeAreNotCached: the caller receives the old value, but no
// cache keeps it.
func TestValuesReadBeforeAChangeAreNotCached(t *testing.T) {
	h := newHarness(t, limits{})
	session, token, err := h.SignIn(ctx, chat.Identity{Provider: chat.ProviderDev, Name: "Ada"}, "", "")
	if err != nil {
		t.Fatal(err)
	}

	var stale replica
	slow := slowStore{h.store, sync.OnceFunc(func() {
		if err := h.SignOut(ctx, session); err != nil {
			t.Fatal(err)
		}

		stale.Invalidate(chat.InvalidateEvent{Session: &session.ID}) // as the bus does
	})}
	stale = h.replicaOn(ports{store: slow})
	if _, err := stale.Authenticate(ctx, token); err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	for name, replica := range map[string]replica{"slow replica": stale, "other replica": h.otherReplica()} {
		if _, err := replica.Authenticate(ctx, token); chat.KindOf(err) != chat.KindUnavailable {
			t.Errorf("%s: got %v, want Unavailable", name, err)
		}
	}
}

// hungStore blocks until held is closed.
type hungStore struct {
	chat.Store
	held chan struct{}
}

func (s hungStore) Session(ctx context.Context, hash [32]byte) (chat.Session, error) {
	<-s.held
	return s.Store.Session(ctx, hash)
}

func (s hungStore) Membership(ctx context.Context, key chat.MembershipKey) (chat.Membership, error) {
	<-s.held
	return s.Store.Membership(ctx, key)
}

// TestHungStoreDoesNotBlockCachedPeople: a person in the local or the shared cache is
// served at once. The reply of the store is used when it arrives.
func TestHungStoreDoesNotBlockCachedPeople(t *testing.T) {
	h := newHarness(t, limits{})
	_, token := h.signInWithToken("Ada")
	if _, err := h.send("caches the membership"); err != nil {
		t.Fatal(err)
	}

	store := hungStore{h.store, make(chan struct{})}
	hung := h.replicaOn(ports{store: store})
	for range 2 {
		session, err := hung.Authenticate(ctx, token) // from the shared cache, then stale from the local one
		if err != nil || session.Person != h.ada {
			t.Fatalf("Authenticate: got %+v, %v, want Ada", session, err)
		}

		if err := h.sendOn(hung); err != nil {
			t.Fatal(err)
		}
	}

	stranger := make(chan error)
	go func() { _, err := hung.Authenticate(ctx, chat.NewToken()); stranger <- err }()
	if err := h.store.DeleteSession(ctx, chat.SessionID(chat.TokenHash(token))); err != nil {
		t.Fatal(err)
	}

	close(store.held)
	if err := <-stranger; chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("unknown token after the wait: got %v, want SignedOut", err)
	}

	if _, err := hung.Authenticate(ctx, token); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("session ended without an invalidation: got %v, want SignedOut", err)
	}
}

// TestUnconfirmedSessionsAreNotShared: otherwise another replica would request a name
// that may be confirmed by then.
func TestUnconfirmedSessionsAreNotShared(t *testing.T) {
	h := newHarness(t, limits{})
	_, token, err := h.SignIn(
		ctx,
		chat.Identity{Provider: "https://id.example.org", Subject: "1", Name: "Grace"},
		"",
		"",
	)
	if err != nil {
		t.Fatal(err)
	}

	if s, err := h.Authenticate(ctx, token); err != nil || s.Confirmed {
		t.Fatalf("got %+v, %v, want an unconfirmed session", s, err)
	}

	h.store.Down = true
	if _, err := h.otherReplica().Authenticate(ctx, token); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("other replica: got %v, want Unavailable", err)
	}
}

// TestRecheckMemberships: a membership whose invalidation was lost is removed from all
// replicas. Unchanged memberships stay. With the store down nothing changes.
func TestRecheckMemberships(t *testing.T) {
	h := newHarness(t, limits{})
	if _, err := h.send("hi"); err != nil {
		t.Fatal(err)
	}

	for name, people := range map[string][]uuid.UUID{"unchanged": {h.ada.ID}, "unknown person": {uuid.New()}, "person without entries": {h.bob.ID}} {
		if n, err := h.RecheckMemberships(ctx, people); n != 0 || err != nil {
			t.Errorf("%s: got %d changes, %v, want 0", name, n, err)
		}
	}

	// A replica that crashed before its broadcast ended the friendship.
	if _, err := h.store.Unfriend(ctx, h.ada.ID, h.bob.ID); err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	n, err := h.RecheckMemberships(ctx, []uuid.UUID{h.ada.ID})
	if n != 0 || chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("store down: got %d changes, %v, want Unavailable", n, err)
	}

	if _, err := h.send("still cached"); err != nil {
		t.Errorf("Send with a cached membership: got error %v, want nil", err)
	}

	h.store.Down = false
	if n, err := h.RecheckMemberships(ctx, []uuid.UUID{h.ada.ID}); n != 1 || err != nil {
		t.Errorf("unfriended: got %d changes, %v, want 1", n, err)
	}

	h.store.Down = true
	for name, replica := range map[string]replica{"this replica": h.replica, "other replica": h.otherReplica()} {
		_, err := replica.Send(ctx, h.ada, h.conversation, newText("hi"))
		if chat.KindOf(err) != chat.KindUnavailable {
			t.Errorf("%s: got %v, want Unavailable", name, err)
		}
	}
}

func TestStaleEntriesAreServedOnlyWhileTheStoreIsDown(t *testing.T) {
	h := newHarness(t, limits{})
	h.shared.Down = true
	session, token, err := h.SignIn(ctx, chat.Identity{Provider: chat.ProviderDev, Name: "Ada"}, "", "")
	if err != nil {
		t.Fatal(err)
	}

	if _, err := h.Authenticate(ctx, token); err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	h.now = h.now.Add(time.Hour)
	if _, err := h.Authenticate(ctx, token); err != nil {
		t.Errorf("after an hour of outage: got error %v, want nil", err)
	}

	h.Invalidate(chat.InvalidateEvent{Session: &session.ID}) // ended on another replica
	if _, err := h.Authenticate(ctx, token); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("invalidated, store down: got %v, want Unavailable", err)
	}

	h.store.Down = false
	if err := h.SignOut(ctx, session); err != nil {
		t.Fatal(err)
	}

	if _, err := h.Authenticate(ctx, token); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("signed out: got %v, want SignedOut", err)
	}

	if len(h.bus.Broadcasts) == 0 {
		t.Error("got no broadcast, want an invalidation")
	}
}

// TestRechecksTellOtherReplicas: a lost invalidation may be lost on several replicas.
func TestRechecksTellOtherReplicas(t *testing.T) {
	h := newHarness(t, limits{})
	session, _ := h.signInWithToken("Ada")
	if _, err := h.send("hi"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Unfriend(ctx, h.ada.ID, h.bob.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.store.DeleteSession(ctx, session.ID); err != nil {
		t.Fatal(err)
	}

	h.bus.Broadcasts = nil
	if n, err := h.RecheckMemberships(ctx, []uuid.UUID{h.ada.ID}); n != 1 || err != nil {
		t.Fatalf("got %d changes, %v, want 1", n, err)
	}
	if _, err := h.EndedSessions(ctx, []uuid.UUID{session.ID}); err != nil {
		t.Fatal(err)
	}
	if len(h.bus.Broadcasts) != 2 {
		t.Errorf("got %d broadcasts, want one of the conversation and one of the session", len(h.bus.Broadcasts))
	}
}

// TestWhoIsWrittenToReadsWithoutTheStore: Bob has not opened the conversation before.
func TestWhoIsWrittenToReadsWithoutTheStore(t *testing.T) {
	h := newHarness(t, limits{})
	if _, err := h.send("hi"); err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	for name, replica := range map[string]replica{"this replica": h.replica, "other replica": h.otherReplica()} {
		page, err := replica.History(ctx, h.bob, h.conversation, chat.Range{})
		if err != nil || len(page.Pending) == 0 {
			t.Errorf("%s: got %+v, %v, want the pending message", name, page, err)
		}
		if _, err := replica.Send(ctx, h.bob, h.conversation, newText("and back")); err != nil {
			t.Errorf("%s: Send: %v", name, err)
		}
	}
}
