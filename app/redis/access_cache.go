package redis

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// Authority implements chat.AccessCache in Redis. An entry carries the clock before which it was read; a change leaves its clock under
// each id that it concerns, and an entry counts only if none of the ids that it names has a later one. So nothing has to be found in order to be
// forgotten, and what is put late is too old by itself. Marks outlive entries: a Redis that evicts keys by itself (any maxmemory-policy but
// noeviction) may bring back what was forgotten.
//
// Redis may come back from an outage with what it had minutes before, or with what should have been forgotten meanwhile. So whoever noticed one
// starts by forgetting everything. Safe for concurrent use.
type AccessCache struct {
	bus         *Bus
	name        string // of the keys
	logger      *slog.Logger
	outages     atomic.Uint64 // outages so far
	invalidated atomic.Uint64 // after how many of them everything was forgotten
}

var _ chat.AccessCache = (*AccessCache)(nil)

// NewAccessCache makes it; name begins its keys. Doubt must be called when Redis is found away.
func NewAccessCache(bus *Bus, name string, logger *slog.Logger) *AccessCache {
	return &AccessCache{bus: bus, name: name, logger: logger}
}

// How long entries live, and the marks that speak against them.
const (
	entryLifetime = 24 * time.Hour
	markLifetime  = entryLifetime + time.Hour
)

// authorityVersion is the newest record that this release understands and the one that it writes.
const entryVersion = 1

// entry is a record: {"v":1,"clock":1700000000000000,"value":{…}}. No token is in it, nor in its key: a session's id is no secret.
type entry[T any] struct {
	V     int   `json:"v"`
	Clock int64 `json:"clock"`
	Value T     `json:"value"`
}

// The keys share a hash tag: a script and a read touch several at once.
func (a *AccessCache) key(kind string) string            { return "{" + a.name + "}:" + kind }
func (a *AccessCache) sessionKey(id uuid.UUID) string    { return a.key("session:" + id.String()) }
func (a *AccessCache) membershipKey(id uuid.UUID) string { return a.key("membership:" + id.String()) }
func (a *AccessCache) markKey(id uuid.UUID) string       { return a.key("changed:" + id.String()) }
func (a *AccessCache) clockKey() string                  { return a.key("clock") }
func (a *AccessCache) everythingKey() string             { return a.key("changed:everything") }

// Doubt says that Redis was away: what it has is not to be believed any more.
func (a *AccessCache) MarkUnreliable() { a.outages.Add(1) }

// Clock reads the clock; one that never moved is 0.
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

// PutSession keeps a session until it ends, at most 24 hours.
func (a *AccessCache) PutSession(ctx context.Context, s chat.Session, clock int64) {
	s.Device = ""
	put(ctx, a, a.sessionKey(s.ID), s, clock, min(entryLifetime, time.Until(s.ExpiresAt)))
}

// PutMembership keeps a membership.
func (a *AccessCache) PutMembership(ctx context.Context, m chat.Membership, clock int64) {
	put(ctx, a, a.membershipKey(m.ConversationID), m, clock, entryLifetime)
}

// Session finds a session.
func (a *AccessCache) Session(ctx context.Context, id uuid.UUID) (chat.Session, bool) {
	return find(ctx, a, a.sessionKey(id), func(s chat.Session) []uuid.UUID { return []uuid.UUID{id, s.Person.ID} })
}

// Membership finds a membership.
func (a *AccessCache) Membership(ctx context.Context, id uuid.UUID) (chat.Membership, bool) {
	return find(ctx, a, a.membershipKey(id), func(m chat.Membership) []uuid.UUID { return append(m.IDs(), id) })
}

// leaveMarks moves the clock, and leaves it under KEYS from the second. The clock follows the time in microseconds, so that one of a Redis that
// lost everything is later than what was read before. ARGV[1] is the marks' lifetime in seconds.
var markChanged = redis.NewScript(`
local time = redis.call('TIME')
local clock = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') + 1, time[1] * 1000000 + time[2])
clock = string.format('%.0f', clock)
redis.call('SET', KEYS[1], clock)
for i = 2, #KEYS do redis.call('SET', KEYS[i], clock, 'EX', ARGV[1]) end
return clock`)

// Forget leaves marks. When it can't, everything is forgotten once Redis answers again: here, and by every replica that noticed too. Only if none of
// them lives until then does Redis go on knowing what should have been forgotten, to serve while the store is silent, for up to 24 hours.
func (a *AccessCache) Forget(ctx context.Context, ids ...uuid.UUID) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = a.markKey(id)
	}
	if !a.mark(ctx, keys) {
		a.MarkUnreliable()
	}
}

func (a *AccessCache) mark(ctx context.Context, keys []string) bool {
	if a.bus.Down() {
		return false
	}
	return a.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		markChanged.Eval(ctx, pipe, append([]string{a.clockKey()}, keys...), int(markLifetime.Seconds()))
	}) == nil
}

// settle forgets everything after an outage, before anything is read or kept. It answers whether the cache can be used.
func (a *AccessCache) ready(ctx context.Context) bool {
	doubts := a.outages.Load()
	if a.bus.Down() {
		return false
	}
	if a.invalidated.Load() == doubts {
		return true
	}
	if !a.mark(ctx, []string{a.everythingKey()}) {
		return false
	}
	a.invalidated.Store(doubts)
	return true
}

func put[T any](ctx context.Context, a *AccessCache, key string, value T, clock int64, life time.Duration) {
	if life < time.Second || a.bus.Down() {
		return
	}
	record, err := json.Marshal(entry[T]{entryVersion, clock, value})
	if err != nil {
		a.logger.ErrorContext(ctx, "authority not encoded", "error", err)
		return
	}
	_ = a.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) { pipe.Set(ctx, key, record, life) }) // the bus has logged it; it isn't kept
}

// find reads the entry first and its marks afterwards, so that a change between the two is seen.
func find[T any](ctx context.Context, a *AccessCache, key string, names func(T) []uuid.UUID) (value T, ok bool) {
	if !a.ready(ctx) {
		return value, false
	}
	found, ok := a.read(ctx, key)
	record, isText := found[0].(string)
	if !ok || !isText {
		return value, false
	}
	var e entry[T]
	if err := json.Unmarshal([]byte(record), &e); err != nil || e.V > entryVersion {
		a.logger.WarnContext(ctx, "authority not decoded", "version", e.V, "error", err)
		return value, false
	}
	marks := []string{a.everythingKey()}
	for _, id := range names(e.Value) {
		marks = append(marks, a.markKey(id))
	}
	changes, ok := a.read(ctx, marks...)
	if !ok {
		return value, false
	}
	for _, change := range changes {
		if at, marked := parseNumber(change); marked && at > e.Clock {
			return value, false
		}
	}
	return e.Value, true
}

// read gets keys in one shared round trip; nil for those that aren't there.
func (a *AccessCache) read(ctx context.Context, keys ...string) ([]any, bool) {
	var values *redis.SliceCmd
	err := a.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) { values = pipe.MGet(ctx, keys...) })
	if err != nil || values == nil || len(values.Val()) != len(keys) {
		return make([]any, len(keys)), false
	}
	return values.Val(), true
}

func parseNumber(value any) (int64, bool) {
	text, ok := value.(string)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
