package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/limit"
)

// RateLimitStore implements limit.Store in Redis. A bucket nobody has taken from since it was full isn't there. Safe for concurrent use.
type RateLimitStore struct {
	bus  *Bus
	name string // of the keys
}

var _ limit.Store = (*RateLimitStore)(nil)

// NewRateLimitStore makes it; name begins its keys.
func NewRateLimitStore(bus *Bus, name string) *RateLimitStore { return &RateLimitStore{bus, name} }

// takeTokens takes at most ARGV[3] tokens of the bucket KEYS[1], which holds ARGV[1] and fills by ARGV[2] a second; it answers how many, and the
// level that is left. Parts of a token are kept. (go-redis/redis_rate loses them when it hands out fewer than were asked for: those who
// spend as fast as they may would get about half of their rate.)
var takeTokens = redis.NewScript(`
local burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = burst
if bucket[1] then
  level = math.min(burst, tonumber(bucket[1]) + math.max(0, now - tonumber(bucket[2])) * rate)
end
local got = math.min(tonumber(ARGV[3]), math.floor(level))
level = level - got
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - level) / rate * 1000) + 1)
return {got, string.format('%.6f', level)}`)

// Lease takes tokens, in a round trip that others share.
func (l *RateLimitStore) Lease(ctx context.Context, bucket string, rate limit.Rate, want int) (int, time.Duration, error) {
	if l.bus.Down() {
		return 0, 0, chat.Unavailable("redis", errDown)
	}
	var answer *redis.Cmd
	err := l.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		answer = takeTokens.Eval(ctx, pipe, []string{l.name + ":" + bucket}, rate.Burst, strconv.FormatFloat(rate.PerSecond, 'f', -1, 64), want)
	})
	if err != nil {
		return 0, 0, chat.Unavailable("redis", err)
	}
	values, err := answer.Slice()
	if err != nil || len(values) != 2 {
		return 0, 0, chat.Unavailable("redis", fmt.Errorf("a bucket answers %v: %w", values, err))
	}
	got, _ := values[0].(int64)
	text, _ := values[1].(string)
	level, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, 0, chat.Unavailable("redis", err)
	}
	if got > 0 {
		return int(got), 0, nil
	}
	return 0, max(time.Millisecond, time.Duration((1-level)/rate.PerSecond*float64(time.Second))), nil
}
