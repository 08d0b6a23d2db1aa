package chat_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// neighbour is another replica of the harness with empty caches.
func (h *harness) otherReplica() replica {
	return h.replicaOn(ports{})
}

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

// TestAReplicaServesPeopleFromTheSharedCache: while the store is down, an unknown
// token or conversation is Unavailable and not rejected.
func TestAReplicaServesPeopleFromTheSharedCache(t *testing.T) {
	h := newHarness(t, limits{})
	_, token := h.signInWithToken("Ada")
	if _, err := h.send("so that the membership is known"); err != nil {
		t.Fatal(err)
	}

	other := h.otherReplica()
	h.store.Down = true
	session, err := other.Authenticate(ctx, token)
	if err != nil || session.Person != h.ada {
		t.Fatalf("%+v, %v", session, err)
	}

	if _, err := other.Send(ctx, session.Person, h.conversation, newText("from there")); err != nil {
		t.Errorf("sending: %v", err)
	}

	page, err := other.History(ctx, session.Person, h.conversation, chat.Range{})
	if err != nil || len(page.Pending) != 2 || page.Complete {
		t.Errorf("reading: %+v, %v", page, err)
	}

	if _, err := other.Authenticate(ctx, chat.NewToken()); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("an unknown token: %v", err)
	}

	if _, err := other.History(ctx, session.Person, uuid.New(), chat.Range{}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("an unknown conversation: %v", err)
	}

	h.now = h.now.Add(chat.SessionLifetime)
	if _, err := other.Authenticate(ctx, token); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("expired: %v", err)
	}

	if _, err := h.otherReplica().Authenticate(ctx, token); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("expired, in the shared cache alone: %v", err)
	}
}

// TestEndedSessionsAreServedNowhere, even if a value that was read before is put later.
func TestEndedSessionsAreServedNowhere(t *testing.T) {
	for name, end := range map[string]func(h *harness, s chat.Session) error{
		"signed out": func(h *harness, s chat.Session) error { return h.SignOut(ctx, s) },
		"revoked":    func(h *harness, s chat.Session) error { return h.EndSession(ctx, s.Person, s.ID) },
		"revoked by kind": func(h *harness, s chat.Session) error {
			return h.EndOtherSessions(ctx, chat.Session{ID: uuid.New(), Person: s.Person})
		},
		"account deleted": func(h *harness, s chat.Session) error { return h.DeleteAccount(ctx, s.Person, "Ada") },
		"broadcast lost":  func(h *harness, s chat.Session) error { h.bus.Down = true; return h.SignOut(ctx, s) },
		"ended unheard of": func(h *harness, s chat.Session) error {
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
			for where, replica := range map[string]replica{"here": h.replica, "there": h.otherReplica()} {
				if _, err := replica.Authenticate(ctx, token); chat.KindOf(err) != chat.KindUnavailable {
					t.Errorf("%s: %v", where, err)
				}
			}
		})
	}
}

// TestAChangedMembershipIsServedNowhere: a former friend can't write because of a
// cached membership.
func TestAChangedMembershipIsServedNowhere(t *testing.T) {
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
			for where, replica := range map[string]replica{"here": h.replica, "there": h.otherReplica()} {
				_, err := replica.Send(ctx, h.ada, h.conversation, newText("hi"))
				if chat.KindOf(err) != chat.KindUnavailable {
					t.Errorf("%s: %v", where, err)
				}
			}
		})
	}
}

// slowStore returns a session only after a change was made.
type slowStore struct {
	chat.Store
	change func()
}

func (s slowStore) Session(ctx context.Context, hash [32]byte) (chat.Session, error) {
	session, err := s.Store.Session(ctx, hash)
	s.change()
	return session, err
}

// TestAValueReadBeforeAChangeIsNotCached: its caller gets it, and no cache keeps it.
func TestAValueReadBeforeAChangeIsNotCached(t *testing.T) {
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

		stale.Invalidate(chat.InvalidateEvent{Session: &session.ID}) // by way of the bus
	})}
	stale = h.replicaOn(ports{store: slow})
	if _, err := stale.Authenticate(ctx, token); err != nil {
		t.Fatal(err)
	}

	h.store.Down = true
	for where, replica := range map[string]replica{"there": stale, "elsewhere": h.otherReplica()} {
		if _, err := replica.Authenticate(ctx, token); chat.KindOf(err) != chat.KindUnavailable {
			t.Errorf("%s: %v", where, err)
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

func (s hungStore) Membership(ctx context.Context, id uuid.UUID) (chat.Membership, error) {
	<-s.held
	return s.Store.Membership(ctx, id)
}

// TestAHungStoreBlocksNoCachedPerson, cached here or by another replica. Its late
// reply is used.
func TestAHungStoreBlocksNoCachedPerson(t *testing.T) {
	h := newHarness(t, limits{})
	_, token := h.signInWithToken("Ada")
	if _, err := h.send("so that the membership is known"); err != nil {
		t.Fatal(err)
	}

	store := hungStore{h.store, make(chan struct{})}
	hung := h.replicaOn(ports{store: store})
	for range 2 {
		session, err := hung.Authenticate(ctx, token) // known to another replica, then here and not fresh
		if err != nil || session.Person != h.ada {
			t.Fatalf("%+v, %v", session, err)
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
		t.Errorf("a stranger, who had to wait: %v", err)
	}

	if _, err := hung.Authenticate(ctx, token); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("a session that ended unheard: %v", err)
	}
}

// TestAnUnconfirmedSessionIsntShared: another replica would ask for a name that is
// confirmed by then.
func TestAnUnconfirmedSessionIsntShared(t *testing.T) {
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
		t.Fatalf("%+v, %v", s, err)
	}

	h.store.Down = true
	if _, err := h.otherReplica().Authenticate(ctx, token); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("shared: %v", err)
	}
}

// TestMembershipsAreRechecked: a membership whose invalidation was lost is forgotten
// on all replicas. An unchanged one stays, and a store that is down changes nothing.
func TestMembershipsAreRechecked(t *testing.T) {
	h := newHarness(t, limits{})
	if _, err := h.send("hi"); err != nil {
		t.Fatal(err)
	}

	for what, people := range map[string][]uuid.UUID{"nothing changed": {h.ada.ID}, "nobody is here": {uuid.New()}} {
		if n, err := h.RecheckMemberships(ctx, people); n != 0 || err != nil {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}

	if _, err := h.store.Unfriend(ctx, h.ada.ID, h.bob.ID); err != nil { // by a replica that died before it said so
		t.Fatal(err)
	}

	h.store.Down = true
	if n, err := h.RecheckMemberships(ctx, []uuid.UUID{h.ada.ID}); n != 0 ||
		chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("the store down: %d, %v", n, err)
	}

	if _, err := h.send("still cached"); err != nil {
		t.Errorf("the cache didn't hold: %v", err)
	}

	h.store.Down = false
	if n, err := h.RecheckMemberships(ctx, []uuid.UUID{h.bob.ID}); n != 1 || err != nil {
		t.Errorf("unfriended: %d, %v", n, err)
	}

	h.store.Down = true
	for where, replica := range map[string]replica{"here": h.replica, "there": h.otherReplica()} {
		_, err := replica.Send(ctx, h.ada, h.conversation, newText("hi"))
		if chat.KindOf(err) != chat.KindUnavailable {
			t.Errorf("%s: %v", where, err)
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
		t.Errorf("an hour into an outage: %v", err)
	}

	h.Invalidate(chat.InvalidateEvent{Session: &session.ID}) // ended on another replica
	if _, err := h.Authenticate(ctx, token); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("invalidated, and the store down: %v; want neither yes nor no", err)
	}

	h.store.Down = false
	if err := h.SignOut(ctx, session); err != nil {
		t.Fatal(err)
	}

	if _, err := h.Authenticate(ctx, token); chat.KindOf(err) != chat.KindSignedOut {
		t.Errorf("signed out: %v", err)
	}

	if len(h.bus.Broadcasts) == 0 {
		t.Error("no other replica was notified")
	}
}
