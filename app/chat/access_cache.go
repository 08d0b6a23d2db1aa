package chat

import (
	"context"
	"errors"
	"fmt"
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

// AccessCache keeps what the store said of sessions and memberships where every replica finds it (Redis), for at most 24 hours, so that a
// replica which never saw a person can serve them while the store is silent. Its methods don't fail: what can't be kept isn't there. No call takes
// longer than its deadline (300 ms), and none begins while the cache is known to be away. After it was away nothing that it had is believed.
type AccessCache interface {
	// Clock counts what was forgotten. Whatever is read from the store after it was asked is at least as new. ok is false while the cache is away.
	Clock(ctx context.Context) (clock int64, ok bool)
	// PutSession and PutMembership keep an answer of the store, which was asked after clock was. A put that comes late does no harm. Device is
	// left out, and nothing is kept beyond a session's end.
	PutSession(ctx context.Context, s Session, clock int64)
	PutMembership(ctx context.Context, m Membership, clock int64)
	// Session and Membership find what was put, unless an id that it names was forgotten since its clock.
	Session(ctx context.Context, id uuid.UUID) (Session, bool)
	Membership(ctx context.Context, id uuid.UUID) (Membership, bool)
	// Forget takes away whatever names one of these sessions, people or conversations, for all replicas, even if it is put only now.
	Forget(ctx context.Context, ids ...uuid.UUID)
}

// authority caches who may do what: here, and for all replicas. An entry past its freshness serves only while the store is silent; one that was
// invalidated never does.
type accessCache struct {
	store       Store
	shared      AccessCache
	now         func() time.Time
	sessions    cache[Session]
	memberships cache[Membership]
	changes     atomic.Uint64 // invalidations so far: an answer read before one is not kept after it
	clock       atomic.Pointer[reading]
	hits        atomic.Uint64 // answers from here
	misses      atomic.Uint64 // the store was asked
}

// cache holds one kind of answers.
type cache[T any] struct {
	here  *lru.Cache[uuid.UUID, cached[T]]
	find  func(ctx context.Context, id uuid.UUID) (T, bool)
	share func(ctx context.Context, value T, clock int64)
}

type cached[T any] struct {
	value T
	read  time.Time
}

// reading is what the shared clock said. A late one is only too careful, so that not every miss needs to ask again.
type reading struct {
	clock   int64
	at      time.Time
	changes uint64
}

const clockFresh = time.Second

// AuthorityHits counts how often a session or a membership was found here, and how often the store was asked for one.
func (s *Service) AuthorityHits() (hits, misses uint64) {
	return s.authority.hits.Load(), s.authority.misses.Load()
}

func newAccessCache(store Store, shared AccessCache, now func() time.Time) *accessCache {
	sessions, _ := lru.New[uuid.UUID, cached[Session]](authorityCapacity) // fails only for a size below 1
	memberships, _ := lru.New[uuid.UUID, cached[Membership]](authorityCapacity)
	a := &accessCache{store: store, shared: shared, now: now}
	a.sessions = cache[Session]{sessions, shared.Session, a.shareSession}
	a.memberships = cache[Membership]{memberships, shared.Membership, shared.PutMembership}
	return a
}

func (a *accessCache) session(ctx context.Context, hash [32]byte) (Session, error) {
	id := SessionID(hash)
	session, err := readThrough(ctx, a, a.sessions, id, func(ctx context.Context) (Session, error) { return a.store.Session(ctx, hash) })
	if err == nil && !session.Confirmed {
		a.sessions.here.Remove(id) // another replica may be confirming it just now: its page must not be asked twice
	}
	return session, err
}

func (a *accessCache) shareSession(ctx context.Context, s Session, clock int64) {
	if s.Confirmed && a.now().Before(s.ExpiresAt) {
		a.shared.PutSession(ctx, s, clock)
	}
}

func (a *accessCache) membership(ctx context.Context, id uuid.UUID) (Membership, error) {
	return readThrough(ctx, a, a.memberships, id, func(ctx context.Context) (Membership, error) { return a.store.Membership(ctx, id) })
}

func (a *accessCache) forgetSession(id uuid.UUID) {
	a.changes.Add(1)
	a.sessions.here.Remove(id)
}

// forgetPerson drops their sessions, which hold their name and settings, and the memberships that name them.
func (a *accessCache) forgetPerson(id uuid.UUID) {
	a.changes.Add(1)
	for _, key := range a.sessions.here.Keys() {
		if entry, ok := a.sessions.here.Peek(key); ok && entry.value.Person.ID == id {
			a.sessions.here.Remove(key)
		}
	}
	for _, key := range a.memberships.here.Keys() {
		if entry, ok := a.memberships.here.Peek(key); ok && entry.value.Has(id) {
			a.memberships.here.Remove(key)
		}
	}
}

func (a *accessCache) forgetMembership(id uuid.UUID) {
	a.changes.Add(1)
	a.memberships.here.Remove(id)
}

// sharedClock is asked before the store is.
func (a *accessCache) sharedClock(ctx context.Context) (int64, bool) {
	now, changes := a.now(), a.changes.Load()
	if r := a.clock.Load(); r != nil && r.changes == changes && now.Sub(r.at) < clockFresh {
		return r.clock, true
	}
	clock, ok := a.shared.Clock(ctx)
	if ok {
		a.clock.Store(&reading{clock, now, changes})
	}
	return clock, ok
}

// storePatience is how long who may be served from a cache waits for the store: a hung one must not hold up a send until its deadline.
const storePatience = 250 * time.Millisecond

// through reads by way of the caches: here while it is fresh, the store, and while that is silent what is here or shared.
func readThrough[T any](ctx context.Context, a *accessCache, c cache[T], key uuid.UUID, read func(context.Context) (T, error)) (T, error) {
	entry, ok := c.here.Get(key)
	if ok && a.now().Sub(entry.read) < authorityFresh {
		a.hits.Add(1)
		return entry.value, nil
	}
	a.misses.Add(1)
	before := a.changes.Load()
	done := make(chan answer[T], 1)
	go func() { done <- fetch(context.WithoutCancel(ctx), a, c, key, before, ok, read) }() // to its end, whoever still waits: it is news for all
	timer := time.NewTimer(storePatience)
	defer timer.Stop()
	var said answer[T]
	select {
	case said = <-done:
	case <-timer.C:
		if value, err := serveStale(ctx, a, c, key, before, errStoreSilent); err == nil {
			return value, nil
		}
		said = <-done
	}
	if KindOf(said.err) == KindUnavailable {
		return serveStale(ctx, a, c, key, before, said.err)
	}
	return said.value, said.err
}

type answer[T any] struct {
	value T
	err   error
}

var errStoreSilent = errors.New("the store takes its time")

// fetch asks the store, and keeps what it says; known: it was here.
func fetch[T any](ctx context.Context, a *accessCache, c cache[T], key uuid.UUID, before uint64, known bool, read func(context.Context) (T, error)) (said answer[T]) {
	defer func() {
		if r := recover(); r != nil {
			said.err = fmt.Errorf("panic: %v", r)
		}
	}()
	clock, shared := a.sharedClock(ctx)
	said.value, said.err = read(ctx)
	switch {
	case said.err == nil:
		keep(a, c, key, cached[T]{said.value, a.now()}, before)
		if shared {
			c.share(ctx, said.value, clock)
		}
	case KindOf(said.err) == KindNotFound && (known || c.here.Contains(key)): // its end was not heard of
		c.here.Remove(key)
		a.shared.Forget(ctx, key)
	}
	return said
}

// serveStale answers in the store's place. What is only shared is kept here as no longer fresh.
func serveStale[T any](ctx context.Context, a *accessCache, c cache[T], key uuid.UUID, before uint64, unavailable error) (T, error) {
	if entry, ok := c.here.Get(key); ok {
		return entry.value, nil
	}
	value, ok := c.find(ctx, key)
	if !ok {
		return value, unavailable
	}
	keep(a, c, key, cached[T]{value: value}, before)
	return value, nil
}

// keep looks for an invalidation after it has added the entry: one that comes later still finds it.
func keep[T any](a *accessCache, c cache[T], key uuid.UUID, entry cached[T], before uint64) {
	c.here.Add(key, entry)
	if a.changes.Load() != before {
		c.here.Remove(key)
	}
}
