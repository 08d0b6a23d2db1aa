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

// RateLimitStore implements limit.Store in Redis. A full bucket has no key. Safe for
// concurrent use.
type RateLimitStore struct {
	bus       *Bus
	keyPrefix string
}

var _ limit.Store = (*RateLimitStore)(nil)

// NewRateLimitStore returns a store whose keys begin with keyPrefix.
func NewRateLimitStore(bus *Bus, keyPrefix string) *RateLimitStore {
	return &RateLimitStore{bus, keyPrefix}
}

// takeTokens removes up to ARGV[3] tokens from the bucket KEYS[1], which holds ARGV[1]
// tokens and gains ARGV[2] per second. It returns how many it removed and the level that
// remains. Fractions of a token are kept: go-redis/redis_rate drops them when it returns
// fewer tokens than requested, so that a client at its limit would get about half of its
// rate.
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

// Lease implements limit.Store. Its errors are of kind Unavailable.
func (l *RateLimitStore) Lease(
	ctx context.Context, bucket string, rate limit.Rate, want int,
) (got int, wait time.Duration, err error) {
	got, level, err := l.take(ctx, bucket, rate, want)
	if err != nil {
		return 0, 0, chat.Unavailable("redis", err)
	}
	if got > 0 {
		return got, 0, nil
	}

	untilNext := (1 - level) / rate.PerSecond * float64(time.Second)
	return 0, max(time.Millisecond, time.Duration(untilNext)), nil
}

func (l *RateLimitStore) take(
	ctx context.Context, bucket string, rate limit.Rate, want int,
) (got int, level float64, err error) {
	if l.bus.Down() {
		return 0, 0, errDown
	}

	var reply *redis.Cmd
	keys, perSecond := []string{namespace + l.keyPrefix + ":" + bucket}, strconv.FormatFloat(rate.PerSecond, 'f', -1, 64)
	err = l.bus.batcher.run(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		reply = takeTokens.Eval(ctx, pipe, keys, rate.Burst, perSecond, want)
	})
	if err != nil {
		return 0, 0, err
	}

	values, err := reply.Slice()
	if err != nil || len(values) != 2 {
		return 0, 0, fmt.Errorf("unexpected reply for a bucket: %v: %w", values, err)
	}

	number, _ := values[0].(int64)
	text, _ := values[1].(string)
	level, err = strconv.ParseFloat(text, 64)
	return int(number), level, err
}
