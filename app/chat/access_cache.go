package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
)

// AccessCache keeps sessions and memberships for all replicas (Redis), for at most
// 24 hours, so that a replica can serve a person whom it has never seen while the
// store does not reply. Its methods don't fail: a lost value is a miss. No call takes
// longer than its deadline (300 ms), and none starts while the cache is known to be
// down. After an outage nothing that was put before it is served.
type AccessCache interface {
	// Clock counts the calls of Forget. A value that is read from the store after
	// Clock has returned is at least as new as the clock. ok is false while the cache
	// is down.
	Clock(ctx context.Context) (clock int64, ok bool)
	// PutSession and PutMembership keep a value that was read from the store after
	// clock was read. A late put does no harm. Device is not kept, and nothing is kept
	// beyond a session's end.
	PutSession(ctx context.Context, s Session, clock int64)
	PutMembership(ctx context.Context, m Membership, clock int64)
	// Session and Membership return a kept value, unless an id that it names was
	// forgotten since its clock.
	Session(ctx context.Context, id uuid.UUID) (Session, bool)
	Membership(ctx context.Context, key MembershipKey) (Membership, bool)
	// Forget invalidates every value that names one of these sessions, people or
	// conversations, for all replicas, even if the value is put later.
	Forget(ctx context.Context, ids ...uuid.UUID)
}

// Limits of the cache in this replica.
const (
	accessFreshness = time.Minute // then the store is read again
	maxCached       = 100_000     // entries of each kind

	// storeTimeout is how long a caller with a stale entry waits for the store, so
	// that a hung store does not delay a send until its deadline.
	storeTimeout = 250 * time.Millisecond

	// clockFreshness is how long a reading of the shared clock is used, so that not
	// every miss reads it. An old reading is safe: it only invalidates more.
	clockFreshness = time.Second
)

var errStoreTimeout = errors.New("store timed out")

// cache holds one kind of values: in this replica, and by way of find and share for
// all replicas.
type cache[K comparable, T any] struct {
	access *Access
	local  *lru.Cache[K, cached[T]]
	find   func(ctx context.Context, key K) (T, bool)
	share  func(ctx context.Context, value T, clock int64)
	id     func(K) uuid.UUID   // whose invalidation forgets the value of a key
	names  func(T) []uuid.UUID // the ids whose changes make a value invalid
}

type cached[T any] struct {
	value T
	read  time.Time // zero: from the shared cache, never fresh
	clock uint64    // of Access.changes before the value was read
}

// clockReading is a value of the shared clock.
type clockReading struct {
	clock   int64
	at      time.Time
	changes uint64 // clock of Access.changes before it was read
}

// valid reports whether nothing that an entry names has changed since it was read.
func (c *cache[K, T]) valid(entry cached[T]) bool {
	return !c.access.changes.changedSince(entry.clock, c.names(entry.value)...)
}

type readResult[T any] struct {
	value T
	err   error
}

// readThrough returns the entry of this replica while it is fresh, then the store's.
// While the store does not reply, it returns a stale or shared entry.
func (c *cache[K, T]) readThrough(
	ctx context.Context, key K, read func(context.Context) (T, error),
) (T, error) {
	a := c.access
	entry, ok := c.local.Get(key)
	if ok && a.now().Sub(entry.read) < accessFreshness && c.valid(entry) {
		a.hits.Add(1)
		return entry.value, nil
	}

	// The read continues when its caller has gone, because later callers need it too.
	a.misses.Add(1)
	before := a.changes.now()
	done := make(chan readResult[T], 1)
	go func() { done <- c.fetch(context.WithoutCancel(ctx), key, before, read) }()

	timer := time.NewTimer(storeTimeout)
	defer timer.Stop()
	var result readResult[T]
	select {
	case result = <-done:
	case <-timer.C:
		if value, err := c.serveStale(ctx, key, before, errStoreTimeout); err == nil {
			return value, nil
		}
		result = <-done
	}

	if KindOf(result.err) == KindUnavailable {
		return c.serveStale(ctx, key, before, result.err)
	}

	return result.value, result.err
}

// fetch reads the store and keeps the value.
func (c *cache[K, T]) fetch(
	ctx context.Context, key K, before uint64, read func(context.Context) (T, error),
) (result readResult[T]) {
	defer func() {
		if r := recover(); r != nil {
			result.err = fmt.Errorf("panic: %v", r)
		}
	}()

	// A reading of the shared clock that is older than a change would make the value invalid there.
	ids := []uuid.UUID{c.id(key)}
	old, known := c.local.Peek(key)
	if known {
		ids = append(ids, c.names(old.value)...)
	}

	clock, shared := c.access.sharedClock(ctx, ids)
	result.value, result.err = read(ctx)
	switch {
	case result.err == nil:
		c.keep(key, cached[T]{value: result.value, read: c.access.now(), clock: before})
		if shared {
			c.share(ctx, result.value, clock)
		}
	case KindOf(result.err) == KindNotFound && (known || c.local.Contains(key)):
		// The invalidation was lost.
		c.local.Remove(key)
		c.access.shared.Forget(ctx, c.id(key))
	}

	return result
}

// serveStale returns an entry of this replica or of the shared cache, else the error
// unavailable. A shared entry is kept in this replica and never fresh.
func (c *cache[K, T]) serveStale(ctx context.Context, key K, before uint64, unavailable error) (T, error) {
	if entry, ok := c.local.Get(key); ok && c.valid(entry) {
		return entry.value, nil
	}

	value, ok := c.find(ctx, key)
	if !ok {
		return value, unavailable
	}

	c.keep(key, cached[T]{value: value, clock: before})
	return value, nil
}

// keep adds an entry, unless it is invalid already and might replace a later one.
func (c *cache[K, T]) keep(key K, entry cached[T]) {
	if c.valid(entry) {
		c.local.Add(key, entry)
	}
}

// sharedClock returns the shared clock. It must be called before the store is read. A
// reading is used again unless one of the ids has changed since.
func (a *Access) sharedClock(ctx context.Context, ids []uuid.UUID) (int64, bool) {
	now, changes := a.now(), a.changes.now()
	r := a.clock.Load()
	if r != nil && now.Sub(r.at) < clockFreshness && !a.changes.changedSince(r.changes, ids...) {
		return r.clock, true
	}

	clock, ok := a.shared.Clock(ctx)
	if ok {
		a.clock.Store(&clockReading{clock, now, changes})
	}

	return clock, ok
}
