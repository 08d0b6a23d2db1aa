package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

const (
	// maxTailBytes is the size at which a tail counts as full.
	maxTailBytes = 8 << 20
	// tailLifetime is how long Redis keeps a tail after its last change: longer than
	// any outage of the database that is not a disaster.
	tailLifetime = 14 * 24 * time.Hour
)

// storedMarkPrefix begins the keys of the stored marks of all tails.
const storedMarkPrefix = namespace + "tail-stored:"

// tailKeys returns the keys of a conversation's tail (a sorted set by offset), of the
// tail's size in bytes, and of its stored mark: the offset up to which every message is
// stored. The hash tag keeps them in one slot of a cluster.
func tailKeys(conversation uuid.UUID) []string {
	tag := "{" + conversation.String() + "}"
	return []string{namespace + "tail:" + tag, namespace + "tail-bytes:" + tag, storedMarkPrefix + tag}
}

// addToTail adds a message to a tail, unless the stored mark is at or beyond its offset,
// and returns the tail's size in bytes. It is idempotent. KEYS: see tailKeys. ARGV: the
// offset, the message, the lifetime in seconds.
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

// removeFromTail removes a range of offsets from a tail and returns the number of bytes
// removed. KEYS: see tailKeys. ARGV: the first and the last offset, the lifetime in
// seconds, and '1' to move the stored mark forward to the last offset, so that addToTail
// rejects messages that arrive later.
var removeFromTail = redis.NewScript(`
local removed = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2])
local bytes = 0
for _, m in ipairs(removed) do bytes = bytes + #m end
if #removed > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2])
  if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('DECRBY', KEYS[2], bytes)
  else
    redis.call('DEL', KEYS[2])
  end
end
if ARGV[4] == '1' then
  local stored = redis.call('GET', KEYS[3])
  if not stored or tonumber(stored) < tonumber(ARGV[2]) then
    redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
  end
end
return bytes`)

// removeStored removes stored messages from their conversation's tail.
func (b *Bus) removeStored(ctx context.Context, pipe redis.Pipeliner, c chat.StoredConversation) {
	keys, lifetime := tailKeys(c.ConversationID), int(tailLifetime.Seconds())
	if c.Through != nil {
		removeFromTail.Eval(ctx, pipe, keys, "-inf", *c.Through, lifetime, "1")
	}
	for _, offset := range c.Offsets {
		removeFromTail.Eval(ctx, pipe, keys, offset, offset, lifetime, "0")
	}
}

// Pending implements chat.Bus: it returns a conversation's tail in log order, merged
// with this replica's backlog. If Redis is down it returns the backlog and an error of
// kind Unavailable.
func (b *Bus) Pending(ctx context.Context, conversation uuid.UUID) ([]chat.Message, error) {
	messages, err := b.tail(ctx, conversation)
	return b.backlog.merge(messages, conversation), err
}

func (b *Bus) tail(ctx context.Context, conversation uuid.UUID) ([]chat.Message, error) {
	if b.Down() {
		return nil, chat.Unavailable("redis", errDown)
	}

	ctx, cancel := b.callContext(ctx)
	defer cancel()
	members, err := b.client.ZRange(ctx, tailKeys(conversation)[0], 0, -1).Result()
	if err != nil {
		b.recordError(err)
		return nil, chat.Unavailable("redis", err)
	}

	messages := make([]chat.Message, 0, len(members))
	for _, member := range members {
		var m chat.Message
		if err := json.Unmarshal([]byte(member), &m); err != nil {
			b.logger.ErrorContext(ctx, "tail entry not decoded", "conversation", conversation, "error", err)
			continue
		}
		messages = append(messages, m)
	}
	return messages, nil
}

// TailFull implements chat.Bus: it reports whether a conversation's tail is at its limit
// of 8 MiB. It reads the size only of tails that were full when last seen, so that a send
// normally needs no further round trip.
func (b *Bus) TailFull(ctx context.Context, conversation uuid.UUID) bool {
	if _, wasFull := b.fullTails.Load(conversation); !wasFull || b.Down() {
		return false
	}

	ctx, cancel := b.callContext(ctx)
	defer cancel()
	bytes, err := b.client.Get(ctx, tailKeys(conversation)[1]).Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		b.recordError(err)
	}
	if err != nil || bytes < maxTailBytes {
		b.fullTails.Delete(conversation)
		return false
	}
	return true
}

// ClearStoredMarks removes the stored marks of all tails. It is for a topic whose
// offsets begin anew, because it has other partitions or was created again. Every tail
// should be empty, and nobody should send meanwhile. Otherwise a message that is added
// late remains in its tail until a direct write finds it stored, or the tail expires.
func ClearStoredMarks(ctx context.Context, client redis.UniversalClient) error {
	clearNode := func(ctx context.Context, node *redis.Client) error {
		keys := node.Scan(ctx, 0, storedMarkPrefix+"*", 1000).Iterator()
		for keys.Next(ctx) {
			if err := node.Unlink(ctx, keys.Val()).Err(); err != nil {
				return err
			}
		}
		return keys.Err()
	}

	switch c := client.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, clearNode)
	case *redis.Client:
		return clearNode(ctx, c)
	}
	return fmt.Errorf("unexpected type of redis client: %T", client)
}
