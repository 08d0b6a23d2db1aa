package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// trialLifetime is how long keys of a trial exist if it could not remove them.
const trialLifetime = time.Minute

// trialKeys are the keys of a trial, in one slot of a cluster.
type trialKeys struct {
	text, hash, zset, set string
	presence              presenceKeys
}

func newTrialKeys() trialKeys {
	p := presenceKeysOf("trial")
	return trialKeys{p.tag + "text", p.tag + "hash", p.tag + "zset", p.tag + "set", p}
}

func (k trialKeys) list() []string {
	return append(k.presence.list("trial"), k.text, k.hash, k.zset, k.set)
}

// trialStep is one kind of use that Parley makes of Redis.
type trialStep struct {
	command string // the commands, for operators
	fill    func(ctx context.Context, pipe redis.Pipeliner, k trialKeys)
}

// trialSteps has every command and every script of this package but those of
// subscriptions. A PING is no substitute: a server that answers it may refuse anything else.
var trialSteps = []trialStep{
	{"SET", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		pipe.Set(ctx, k.text, 1, trialLifetime)
	}},
	{"GET, MGET and EXISTS", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		pipe.MGet(ctx, k.text, k.text)
		pipe.Get(ctx, k.text)
		pipe.Exists(ctx, k.text)
	}},
	{"HSETNX, HINCRBY, HGETALL and EXPIRE", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		pipe.HSetNX(ctx, k.hash, "a", 1)
		pipe.HIncrBy(ctx, k.hash, "b", 1)
		pipe.HGetAll(ctx, k.hash)
		pipe.Expire(ctx, k.hash, trialLifetime)
	}},
	{"ZADD, ZRANGE, ZREM and ZREMRANGEBYSCORE", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		pipe.ZAdd(ctx, k.zset, redis.Z{Score: 1, Member: "a"})
		pipe.ZRange(ctx, k.zset, 0, -1)
		pipe.ZRem(ctx, k.zset, "a")
		pipe.ZRemRangeByScore(ctx, k.zset, "-inf", "0")
	}},
	{"SMISMEMBER", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		pipe.SMIsMember(ctx, k.set, "a")
	}},
	{"EVAL of the scripts of tails", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		keys, seconds := []string{k.zset, k.set, k.presence.tag + "mark"}, int(trialLifetime.Seconds())
		addToTail.Eval(ctx, pipe, keys, 1, "a", seconds)
		addToTail.EvalSha(ctx, pipe, keys, 1, "a", seconds)
		removeFromTail.Eval(ctx, pipe, keys, "-inf", 1, seconds, "1")
		pipe.Unlink(ctx, keys...)
	}},
	{"EVAL of the scripts of caches and rate limits", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		markChanged.Eval(ctx, pipe, []string{k.text, k.presence.tag + "mark"}, int(trialLifetime.Seconds()))
		takeTokens.Eval(ctx, pipe, []string{k.presence.tag + "bucket"}, 1, "1", 1)
		pipe.Unlink(ctx, k.text, k.presence.tag+"mark", k.presence.tag+"bucket")
	}},
	{"EVAL of the scripts of presence", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		keys, second := k.presence.list("trial"), 1000
		run := func(script *redis.Script, more ...any) {
			script.Eval(ctx, pipe, keys, append([]any{"trial", second, second, second}, more...)...)
		}
		run(arriveScript, "a")
		run(heartbeatScript, 1)
		run(notifiedScript, "a", "0")
		run(leaveScript, "a")
		run(claimScript, "trial", 1)
	}},
	{"UNLINK and DEL", func(ctx context.Context, pipe redis.Pipeliner, k trialKeys) {
		pipe.Unlink(ctx, k.list()...)
		pipe.Del(ctx, k.text)
	}},
}

// trialChannel is a channel of a bucket that nobody is subscribed to.
func (c channels) trialChannel(bucket int) string { return namespace + "trial" + c.tag(bucket) }

// rejection is a reply by which Redis rejects a step of a trial.
type rejection struct {
	command string
	err     error
}

// Error implements error.
func (r *rejection) Error() string { return r.command + ": " + r.err.Error() }

// Unwrap returns the reply.
func (r *rejection) Unwrap() error { return r.err }

// try does once what Parley does with Redis, on keys of its own, in one round trip, and
// removes them. In a cluster each master accepts a write and a publication, because all
// masters have the same users. rejected are the steps that Redis rejects; err means that
// there was no reply at all.
func try(ctx context.Context, client redis.UniversalClient, c channels) (rejected []*rejection, err error) {
	pipe := client.Pipeline()
	var ends []int
	keys := newTrialKeys()
	for _, step := range trialSteps {
		step.fill(ctx, pipe, keys)
		ends = append(ends, pipe.Len())
	}

	for bucket := range c.count() {
		pipe.Set(ctx, namespace+"trial"+c.tag(bucket), 1, trialLifetime)
		ends = append(ends, pipe.Len())
	}
	for bucket := range c.count() {
		c.publish(ctx, pipe, c.trialChannel(bucket), nil)
		ends = append(ends, pipe.Len())
	}

	commands, err := execPipeline(ctx, pipe)
	if err == nil {
		return nil, nil
	}

	begin := 0
	for i, end := range ends {
		name := "PUBLISH"
		switch {
		case i < len(trialSteps):
			name = trialSteps[i].command
		case i < len(trialSteps)+c.count():
			name = "SET"
		}

		cause := firstError(commands[begin:end])
		begin = end
		if cause == nil {
			continue
		}
		if !isReply(cause) {
			return nil, cause
		}
		rejected = append(rejected, &rejection{name, cause})
	}
	return rejected, nil
}

// trySubscribing subscribes to a channel of a bucket and publishes to it. An error means
// that the subscription was not confirmed or that no event arrived.
func trySubscribing(ctx context.Context, client redis.UniversalClient, c channels, bucket int) error {
	pubsub := client.Subscribe(ctx)
	defer pubsub.Close()
	channel := c.trialChannel(bucket)
	if err := c.subscribe(pubsub)(ctx, channel); err != nil {
		return err
	}
	if _, err := pubsub.Receive(ctx); err != nil {
		return err
	}

	pipe := client.Pipeline()
	c.publish(ctx, pipe, channel, []byte("trial"))
	if _, err := execPipeline(ctx, pipe); err != nil {
		return err
	}

	// Trials of other replicas publish to the same channel, without a payload.
	for {
		msg, err := pubsub.Receive(ctx)
		if err != nil {
			return fmt.Errorf("no event arrives: %w", err)
		}
		if m, ok := msg.(*redis.Message); ok && m.Payload != "" {
			return nil
		}
	}
}

// execPipeline executes a pipeline. If Redis refuses the connection itself, go-redis
// leaves the commands without an error, so that they look executed; here each gets it.
func execPipeline(ctx context.Context, pipe redis.Pipeliner) ([]redis.Cmder, error) {
	commands, err := pipe.Exec(ctx)
	if err != nil && firstError(commands) == nil {
		for _, command := range commands {
			command.SetErr(err)
		}
	}
	return commands, err
}

// isReply reports whether err is the reply of a server, rather than the absence of one.
func isReply(err error) bool {
	reply := redis.Error(nil)
	return errors.As(err, &reply) && !errors.Is(err, redis.Nil)
}
