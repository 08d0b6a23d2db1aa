package redis

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// AccessCache implements chat.AccessCache in Redis. An entry carries the value of a
// logical clock from before its data was read. A change leaves a mark with a later value
// under each id that it concerns. An entry is valid only if no id that it names has a mark
// that is later than the entry. So an invalidation need not find entries, and an entry
// that is written late is invalid by itself. Marks outlive entries. Therefore Redis must
// not evict keys: a policy other than noeviction may make invalidated entries valid again.
//
// After an outage Redis may have the data of minutes ago, or entries that should have been
// invalidated meanwhile. So a replica that noticed the outage first invalidates
// everything. Safe for concurrent use.
type AccessCache struct {
	bus         *Bus
	keyPrefix   string
	logger      *slog.Logger
	outages     atomic.Uint64 // calls of MarkUnreliable
	invalidated atomic.Uint64 // the value of outages when everything was last invalidated
}

var _ chat.AccessCache = (*AccessCache)(nil)

// NewAccessCache returns a cache whose keys begin with keyPrefix. MarkUnreliable must be
// called whenever Redis goes down.
func NewAccessCache(bus *Bus, keyPrefix string, logger *slog.Logger) *AccessCache {
	return &AccessCache{bus: bus, keyPrefix: keyPrefix, logger: logger}
}

const (
	entryLifetime = 24 * time.Hour
	markLifetime  = entryLifetime + time.Hour
)

// MarkUnreliable reports that Redis was down. The next use of the cache first invalidates
// everything.
func (a *AccessCache) MarkUnreliable() { a.outages.Add(1) }

// Clock implements chat.AccessCache. A clock that never moved is 0.
func (a *AccessCache) Clock(ctx context.Context) (int64, bool) {
	if !a.ready(ctx) {
		return 0, false
	}

	values, ok := a.read(ctx, a.clockKey())
	if !ok {
		return 0, false
	}

	clock, _ := parseNumber(values[0])
	return clock, true
}

// PutSession implements chat.AccessCache: it keeps a session until it ends, at most
// 24 hours.
func (a *AccessCache) PutSession(ctx context.Context, s chat.Session, clock int64) {
	s.Device = ""
	put(ctx, a, a.sessionKey(s.ID), s, clock, min(entryLifetime, time.Until(s.ExpiresAt)))
}

// PutMembership implements chat.AccessCache: it keeps a membership for 24 hours.
func (a *AccessCache) PutMembership(ctx context.Context, m chat.Membership, clock int64) {
	put(ctx, a, a.membershipKey(m.Key()), m, clock, entryLifetime)
}

// Session implements chat.AccessCache.
func (a *AccessCache) Session(ctx context.Context, id uuid.UUID) (chat.Session, bool) {
	return find(ctx, a, a.sessionKey(id), func(s chat.Session) []uuid.UUID {
		return []uuid.UUID{id, s.Person.ID}
	})
}

// Membership implements chat.AccessCache.
func (a *AccessCache) Membership(ctx context.Context, key chat.MembershipKey) (chat.Membership, bool) {
	return find(ctx, a, a.membershipKey(key), chat.Membership.Names)
}

// Forget implements chat.AccessCache: it marks the given ids as changed. If that fails,
// everything is invalidated when Redis is back, by this replica and by every other one
// that noticed the outage. Only if all of them stop before that do the entries stay valid,
// for at most 24 hours, and they serve only while the database is down.
func (a *AccessCache) Forget(ctx context.Context, ids ...uuid.UUID) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = a.markKey(id)
	}
	if !a.mark(ctx, keys) {
		a.MarkUnreliable()
	}
}

// markChanged moves the clock and writes its value to the marks. The clock follows the
// time in microseconds, so that the clock of a Redis that lost its data is later than
// everything read before. KEYS: the clock, then the marks. ARGV: the lifetime of marks in
// seconds.
var markChanged = redis.NewScript(`
local time = redis.call('TIME')
local clock = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') + 1, time[1] * 1000000 + time[2])
clock = string.format('%.0f', clock)
redis.call('SET', KEYS[1], clock)
for i = 2, #KEYS do redis.call('SET', KEYS[i], clock, 'EX', ARGV[1]) end
return clock`)

func (a *AccessCache) mark(ctx context.Context, keys []string) bool {
	if a.bus.Down() {
		return false
	}
	keys = append([]string{a.clockKey()}, keys...)
	return a.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		markChanged.Eval(ctx, pipe, keys, int(markLifetime.Seconds()))
	}) == nil
}

// ready reports whether the cache can be used. After an outage it first invalidates
// everything.
func (a *AccessCache) ready(ctx context.Context) bool {
	outages := a.outages.Load()
	if a.bus.Down() {
		return false
	}
	if a.invalidated.Load() == outages {
		return true
	}
	if !a.mark(ctx, []string{a.everythingKey()}) {
		return false
	}

	a.invalidated.Store(outages)
	return true
}
