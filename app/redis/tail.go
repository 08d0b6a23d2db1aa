package redis

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// addToTail adds ARGV[2] at offset ARGV[1] unless the writer has stored beyond it, and answers the tail's bytes. Added twice it is there once.
// KEYS as in tailKeys; ARGV[3] is the lifetime in seconds.
var addToTail = redis.NewScript(`
local stored = redis.call('GET', KEYS[3])
if stored and tonumber(ARGV[1]) <= tonumber(stored) then
  return tonumber(redis.call('GET', KEYS[2]) or '0')
end
if redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2]) == 1 then
  redis.call('INCRBY', KEYS[2], #ARGV[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return tonumber(redis.call('GET', KEYS[2]))`)

// takeFromTail removes the members from offset ARGV[1] to ARGV[2]; with ARGV[4] = '1' everything up to ARGV[2] is stored, and a mark says so
// to those who add late.
var removeFromTail = redis.NewScript(`
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2])
local bytes = 0
for _, m in ipairs(gone) do bytes = bytes + #m end
if #gone > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2])
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECRBY', KEYS[2], bytes) else redis.call('DEL', KEYS[2]) end
end
if ARGV[4] == '1' then
  local stored = redis.call('GET', KEYS[3])
  if not stored or tonumber(stored) < tonumber(ARGV[2]) then redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3]) end
end
return bytes`)

// Pending reads a conversation's tail in log order, with what of this replica's isn't in it yet; the latter alone beside an error.
func (b *Bus) Pending(ctx context.Context, conversation uuid.UUID) ([]chat.Message, error) {
	messages, err := b.tail(ctx, conversation)
	return b.backlog.merge(messages, conversation), err
}

func (b *Bus) tail(ctx context.Context, conversation uuid.UUID) ([]chat.Message, error) {
	ctx, cancel := b.callContext(ctx)
	defer cancel()
	if b.Down() {
		return nil, chat.Unavailable("redis", errDown)
	}
	members, err := b.client.ZRange(ctx, tailKeys(conversation)[0], 0, -1).Result()
	if err != nil {
		b.recordError(err)
		return nil, chat.Unavailable("redis", err)
	}
	messages := make([]chat.Message, 0, len(members))
	for _, member := range members {
		var m chat.Message
		if err := json.Unmarshal([]byte(member), &m); err != nil {
			b.logger.ErrorContext(ctx, "a tail has a member that is no message", "conversation", conversation, "error", err)
			continue
		}
		messages = append(messages, m)
	}
	return messages, nil
}

// TailFull tells that a conversation's tail has reached its bound. Only tails that were seen near it are looked at again, so that
// a send costs no round trip more.
func (b *Bus) TailFull(ctx context.Context, conversation uuid.UUID) bool {
	if _, near := b.fullTails.Load(conversation); !near || b.Down() {
		return false
	}
	ctx, cancel := b.callContext(ctx)
	defer cancel()
	bytes, err := b.client.Get(ctx, tailKeys(conversation)[1]).Int()
	if err != nil || bytes < maxTailBytes {
		b.fullTails.Delete(conversation)
		return false
	}
	return true
}

// ForgetStored takes the marks of what is stored away, so that offsets may begin anew: those of other partitions, or of another log. Every tail should
// be empty, and nobody send: else what comes late stays in a tail until a direct write finds it known, or it expires.
func ClearStoredMarks(ctx context.Context, client redis.UniversalClient) error {
	forget := func(ctx context.Context, node *redis.Client) error {
		for keys := node.Scan(ctx, 0, "tail-stored:*", 1000).Iterator(); ; {
			if !keys.Next(ctx) {
				return keys.Err()
			}
			if err := node.Unlink(ctx, keys.Val()).Err(); err != nil {
				return err
			}
		}
	}
	switch c := client.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, forget)
	case *redis.Client:
		return forget(ctx, c)
	}
	return fmt.Errorf("a client of another kind: %T", client)
}
