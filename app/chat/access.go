package chat

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// AccessStore reads sessions and memberships.
type AccessStore interface {
	// Session returns NotFound for a token that is unknown or whose session has ended.
	Session(ctx context.Context, tokenHash [32]byte) (Session, error)
	// Membership returns NotFound for a conversation that doesn't exist.
	Membership(ctx context.Context, id uuid.UUID) (Membership, error)
	// Memberships returns several at once, in no order, without those that don't exist.
	Memberships(ctx context.Context, ids []uuid.UUID) ([]Membership, error)
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

	sessions    cache[Session]
	memberships cache[Membership]
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
	a.sessions = newCache(a, deps.Cache.Session, a.shareSession, func(s Session) []uuid.UUID {
		return []uuid.UUID{s.ID, s.Person.ID}
	})
	a.memberships = newCache(a, deps.Cache.Membership, deps.Cache.PutMembership, func(m Membership) []uuid.UUID {
		return append(m.IDs(), m.ConversationID)
	})
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

// member returns a conversation through the viewer's membership. A conversation of
// others is NotFound, like one that doesn't exist.
func (a *Access) member(ctx context.Context, viewer, conversation uuid.UUID) (Membership, error) {
	m, err := a.memberships.readThrough(ctx, conversation, func(ctx context.Context) (Membership, error) {
		return a.store.Membership(ctx, conversation)
	})
	if err != nil {
		return Membership{}, err
	}

	if !m.Has(viewer) {
		return Membership{}, ErrNotFound()
	}

	return m, nil
}
