package chat

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
)

// How long an answer of the store is believed, and how many are kept.
const (
	authorityFresh    = time.Minute
	authorityCapacity = 100_000
)

// authority caches who may do what. An entry past its freshness serves only while the store is silent; one that was
// invalidated never does.
type authority struct {
	store       Store
	now         func() time.Time
	sessions    *lru.Cache[uuid.UUID, cached[Session]]
	memberships *lru.Cache[uuid.UUID, cached[Membership]]
	changes     atomic.Uint64 // invalidations so far: an answer read before one is not kept after it
}

type cached[T any] struct {
	value T
	read  time.Time
}

func newAuthority(store Store, now func() time.Time) *authority {
	sessions, _ := lru.New[uuid.UUID, cached[Session]](authorityCapacity) // fails only for a size below 1
	memberships, _ := lru.New[uuid.UUID, cached[Membership]](authorityCapacity)
	return &authority{store: store, now: now, sessions: sessions, memberships: memberships}
}

func (a *authority) session(ctx context.Context, hash [32]byte) (Session, error) {
	id := SessionID(hash)
	session, err := through(a, a.sessions, id, func() (Session, error) { return a.store.Session(ctx, hash) })
	if err == nil && !session.Confirmed {
		a.sessions.Remove(id) // another replica may be confirming it just now: its page must not be asked twice
	}
	return session, err
}

func (a *authority) membership(ctx context.Context, id uuid.UUID) (Membership, error) {
	return through(a, a.memberships, id, func() (Membership, error) { return a.store.Membership(ctx, id) })
}

func (a *authority) forgetSession(id uuid.UUID) {
	a.changes.Add(1)
	a.sessions.Remove(id)
}

// forgetPerson drops their sessions, which hold their name and settings, and the memberships that name them.
func (a *authority) forgetPerson(id uuid.UUID) {
	a.changes.Add(1)
	for _, key := range a.sessions.Keys() {
		if entry, ok := a.sessions.Peek(key); ok && entry.value.Person.ID == id {
			a.sessions.Remove(key)
		}
	}
	for _, key := range a.memberships.Keys() {
		if entry, ok := a.memberships.Peek(key); ok && entry.value.Has(id) {
			a.memberships.Remove(key)
		}
	}
}

func (a *authority) forgetMembership(id uuid.UUID) {
	a.changes.Add(1)
	a.memberships.Remove(id)
}

// through reads by way of a cache.
func through[T any](a *authority, cache *lru.Cache[uuid.UUID, cached[T]], key uuid.UUID, read func() (T, error)) (T, error) {
	entry, ok := cache.Get(key)
	if ok && a.now().Sub(entry.read) < authorityFresh {
		return entry.value, nil
	}
	before := a.changes.Load()
	value, err := read()
	switch {
	case err == nil:
		if a.changes.Load() == before {
			cache.Add(key, cached[T]{value, a.now()})
		}
		return value, nil
	case KindOf(err) == KindUnavailable && ok && cache.Contains(key):
		return entry.value, nil
	case KindOf(err) == KindNotFound:
		cache.Remove(key)
	}
	return value, err
}
