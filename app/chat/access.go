package chat

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
)

// AccessStore reads sessions and memberships.
type AccessStore interface {
	// Session returns NotFound for a token that is unknown or whose session has ended.
	Session(ctx context.Context, tokenHash [32]byte) (Session, error)
	// Membership returns NotFound for a conversation that doesn't exist, and for a person who
	// never was a member.
	Membership(ctx context.Context, key MembershipKey) (Membership, error)
	// Memberships returns several at once, in no order, without those that don't exist.
	Memberships(ctx context.Context, keys []MembershipKey) ([]Membership, error)
	// LiveSessions is that of SessionStore.
	LiveSessions(ctx context.Context, ids []uuid.UUID, now time.Time) ([]uuid.UUID, error)
}

// AccessDeps are the dependencies of Access.
type AccessDeps struct {
	Store AccessStore
	Cache AccessCache // shared by all replicas
	Bus   Broadcaster // carries invalidations to the other replicas
	Now   func() time.Time
}

// Access knows who is signed in and who may write where. It caches both, in this
// replica and for all replicas. An entry that is no longer fresh is served only
// while the store does not reply. An entry that was invalidated is never served. All
// services of a replica share one Access. Safe for concurrent use.
type Access struct {
	store  AccessStore
	shared AccessCache
	bus    Broadcaster
	now    func() time.Time

	sessions    cache[uuid.UUID, Session]
	memberships cache[MembershipKey, Membership]
	work        *sessionWork

	changes *invalidationMarks
	clock   atomic.Pointer[clockReading]
	hits    atomic.Uint64
	misses  atomic.Uint64
}

// NewAccess returns an Access with empty caches in this replica.
func NewAccess(deps AccessDeps) *Access {
	a := &Access{
		store:   deps.Store,
		shared:  deps.Cache,
		bus:     deps.Bus,
		now:     deps.Now,
		work:    newSessionWork(),
		changes: newInvalidationMarks(maxMarks),
	}
	a.sessions = cache[uuid.UUID, Session]{
		access: a,
		find:   deps.Cache.Session,
		share:  a.shareSession,
		id:     func(id uuid.UUID) uuid.UUID { return id },
		names:  func(s Session) []uuid.UUID { return []uuid.UUID{s.ID, s.Person.ID} },
	}
	a.memberships = cache[MembershipKey, Membership]{
		access: a,
		find:   deps.Cache.Membership,
		share:  deps.Cache.PutMembership,
		id:     func(key MembershipKey) uuid.UUID { return key.Conversation },
		names:  Membership.Names,
	}
	a.sessions.local, _ = lru.New[uuid.UUID, cached[Session]](maxCached) // fails only for a size below 1
	a.memberships.local, _ = lru.New[MembershipKey, cached[Membership]](maxCached)
	return a
}

// Hits returns how many sessions and memberships were found in this replica, and
// how many were read from the store.
func (a *Access) Hits() (hits, misses uint64) { return a.hits.Load(), a.misses.Load() }

func (a *Access) session(ctx context.Context, hash [32]byte) (Session, error) {
	id := SessionID(hash)
	session, err := a.sessions.readThrough(ctx, id, func(ctx context.Context) (Session, error) {
		return a.store.Session(ctx, hash)
	})
	if err == nil && !session.Confirmed {
		// Another replica may be confirming the name now: its page must not ask twice.
		a.sessions.local.Remove(id)
	}

	return session, err
}

// shareSession shares confirmed sessions only, because another replica would ask for
// a name that may be confirmed by then.
func (a *Access) shareSession(ctx context.Context, s Session, clock int64) {
	if s.Confirmed && a.now().Before(s.ExpiresAt) {
		a.shared.PutSession(ctx, s, clock)
	}
}

// member returns the viewer's membership of a conversation. A conversation of others is
// NotFound, like one that doesn't exist.
func (a *Access) member(ctx context.Context, viewer, conversation uuid.UUID) (Membership, error) {
	key := MembershipKey{conversation, viewer}
	return a.memberships.readThrough(ctx, key, func(ctx context.Context) (Membership, error) {
		m, err := a.store.Membership(ctx, key)
		if err == nil && m.Peer != nil {
			a.cachePeer(ctx, MembershipKey{conversation, m.Peer.ID})
		}
		return m, err
	})
}

// cachePeer caches the membership of the other one in a direct conversation too, so that a person
// who is written to can read and answer while the store is down.
func (a *Access) cachePeer(ctx context.Context, peer MembershipKey) {
	if a.memberships.local.Contains(peer) {
		return
	}
	a.memberships.fetch(ctx, peer, a.changes.now(), func(ctx context.Context) (Membership, error) {
		return a.store.Membership(ctx, peer)
	})
}
