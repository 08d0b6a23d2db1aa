package redis

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// entryVersion is the version of entries that this release writes, and the newest that it
// reads.
const entryVersion = 1

// entry is the JSON of a cached value: {"v":1,"clock":1700000000000000,"value":{…}}.
// Neither the entry nor its key holds a token. The id of a session is not a secret.
type entry[T any] struct {
	V     int   `json:"v"`
	Clock int64 `json:"clock"`
	Value T     `json:"value"`
}

// All keys share a hash tag, because scripts and reads use several at once.
func (a *AccessCache) key(kind string) string         { return namespace + "{" + a.keyPrefix + "}:" + kind }
func (a *AccessCache) sessionKey(id uuid.UUID) string { return a.key("session:" + id.String()) }
func (a *AccessCache) markKey(id uuid.UUID) string    { return a.key("changed:" + id.String()) }
func (a *AccessCache) clockKey() string               { return a.key("clock") }
func (a *AccessCache) everythingKey() string          { return a.key("changed:everything") }

func (a *AccessCache) membershipKey(k chat.MembershipKey) string {
	return a.key("membership:" + k.Conversation.String() + ":" + k.Person.String())
}

// put writes an entry. On failure nothing is kept, and the bus has logged the error.
func put[T any](ctx context.Context, a *AccessCache, key string, value T, clock int64, lifetime time.Duration) {
	if lifetime < time.Second || a.bus.Down() {
		return
	}

	record, err := json.Marshal(entry[T]{entryVersion, clock, value})
	if err != nil {
		a.logger.ErrorContext(ctx, "access cache entry not encoded", "error", err)
		return
	}

	_ = a.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		pipe.Set(ctx, key, record, lifetime)
	})
}

// find returns the value of a valid entry. names lists the ids whose marks matter. The
// marks are read after the entry, so that a change between the two reads is noticed.
func find[T any](
	ctx context.Context, a *AccessCache, key string, names func(T) []uuid.UUID,
) (value T, ok bool) {
	if !a.ready(ctx) {
		return value, false
	}

	records, ok := a.read(ctx, key)
	record, exists := records[0].(string)
	if !ok || !exists {
		return value, false
	}

	var e entry[T]
	if err := json.Unmarshal([]byte(record), &e); err != nil || e.V > entryVersion {
		a.logger.WarnContext(ctx, "access cache entry not decoded", "version", e.V, "error", err)
		return value, false
	}

	keys := []string{a.everythingKey()}
	for _, id := range names(e.Value) {
		keys = append(keys, a.markKey(id))
	}

	marks, ok := a.read(ctx, keys...)
	if !ok {
		return value, false
	}

	for _, mark := range marks {
		if changed, exists := parseNumber(mark); exists && changed > e.Clock {
			return value, false
		}
	}
	return e.Value, true
}

// read returns the values of keys, nil for a key that does not exist. On failure all are
// nil.
func (a *AccessCache) read(ctx context.Context, keys ...string) ([]any, bool) {
	var values *redis.SliceCmd
	err := a.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		values = pipe.MGet(ctx, keys...)
	})
	if err != nil || values == nil || len(values.Val()) != len(keys) {
		return make([]any, len(keys)), false
	}
	return values.Val(), true
}

// parseNumber reads a value of MGET. ok is false if the key did not exist.
func parseNumber(value any) (n int64, ok bool) {
	text, ok := value.(string)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
