package chattest

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"parley/app/chat"
)

// AccessCache is chat.AccessCache in memory. Down makes it unavailable.
type AccessCache struct {
	Down bool

	mu      sync.Mutex
	clock   int64
	changed map[uuid.UUID]int64
	entries map[any]cacheEntry // by session id or membership key
}

// cacheEntry is a cached value with the clock at which it was read and the ids whose
// change invalidates it.
type cacheEntry struct {
	at    int64
	names []uuid.UUID
	value any
}

var _ chat.AccessCache = (*AccessCache)(nil)

// NewAccessCache returns an empty cache.
func NewAccessCache() *AccessCache {
	return &AccessCache{changed: map[uuid.UUID]int64{}, entries: map[any]cacheEntry{}}
}

// Clock implements chat.AccessCache.
func (a *AccessCache) Clock(context.Context) (int64, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.clock, !a.Down
}

// PutSession implements chat.AccessCache.
func (a *AccessCache) PutSession(_ context.Context, s chat.Session, clock int64) {
	s.Device = ""
	a.put(s.ID, cacheEntry{clock, []uuid.UUID{s.ID, s.Person.ID}, s})
}

// PutMembership implements chat.AccessCache.
func (a *AccessCache) PutMembership(_ context.Context, m chat.Membership, clock int64) {
	a.put(m.Key(), cacheEntry{clock, m.Names(), m})
}

func (a *AccessCache) put(id any, k cacheEntry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.Down {
		a.entries[id] = k
	}
}

// Session implements chat.AccessCache.
func (a *AccessCache) Session(_ context.Context, id uuid.UUID) (chat.Session, bool) {
	s, ok := a.find(id).(chat.Session)
	return s, ok
}

// Membership implements chat.AccessCache.
func (a *AccessCache) Membership(_ context.Context, key chat.MembershipKey) (chat.Membership, bool) {
	m, ok := a.find(key).(chat.Membership)
	return m, ok
}

func (a *AccessCache) find(id any) any {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.entries[id]
	if a.Down || slices.ContainsFunc(k.names, func(name uuid.UUID) bool { return a.changed[name] > k.at }) {
		return nil
	}
	return k.value
}

// Forget implements chat.AccessCache.
func (a *AccessCache) Forget(_ context.Context, ids ...uuid.UUID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.Down {
		a.entries = map[any]cacheEntry{} // an outage invalidates everything
		return
	}

	a.clock++
	for _, id := range ids {
		a.changed[id] = a.clock
	}
}
