package redis

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/app/loop"
)

// probeInterval is the time between attempts to close an open breaker.
const probeInterval = 500 * time.Millisecond

// Down reports whether the breaker is open because Redis is down. Calls fail at once
// until it is closed.
func (b *Bus) Down() bool { return b.down.Load() }

// recordError opens the breaker unless err is a server's rejection of one command.
func (b *Bus) recordError(err error) {
	if !isUnavailable(err) {
		b.logger.Error("redis rejected a command", "error", err)
		return
	}
	if b.down.CompareAndSwap(false, true) {
		b.logger.Warn("redis is down: publishing through the relay", "error", err)
		b.onDown(true)
	}
}

// watchRecovery closes the breaker when Redis is writable again, then flushes the
// resync queue, until ctx ends. A publication that fails during the flush fills the
// queue again.
func (b *Bus) watchRecovery(ctx context.Context) {
	check := func(ctx context.Context) {
		if b.Down() && b.writable(ctx) {
			b.down.Store(false)
			b.onDown(false)
		}
		if !b.Down() {
			b.flushResyncs(ctx)
		}
	}

	check(ctx)
	loop.Every(ctx, probeInterval, check)
}

// writable reports whether every server that the bus uses accepts a write: the one
// server, or each bucket of a cluster (see channels) and so each master. A PING is not
// enough, because a former master that is a replica now answers it and rejects writes.
func (b *Bus) writable(ctx context.Context) bool {
	ctx, cancel := b.callContext(ctx)
	defer cancel()
	_, err := b.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for bucket := range b.channels.count() {
			pipe.Set(ctx, "parley:alive"+b.channels.tag(bucket), 1, time.Minute)
		}
		return nil
	})

	reloadCluster(ctx, b.client, err)
	return err == nil
}

// reloadCluster makes a cluster client read anew which master has which slots, if err
// is not nil.
func reloadCluster(ctx context.Context, client redis.UniversalClient, err error) {
	if cluster, ok := client.(*redis.ClusterClient); ok && err != nil {
		cluster.ReloadState(ctx)
	}
}

// unavailableReplies begin the errors of a server that cannot serve now, though it or
// another one may serve soon.
var unavailableReplies = []string{
	"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "MOVED", "ASK", "TRYAGAIN", "NOREPLICAS", "MISCONF",
}

// isUnavailable reports whether err means that Redis is down: no reply, or a reply
// that says so. Any other reply rejects one command.
func isUnavailable(err error) bool {
	if reply := redis.Error(nil); !errors.As(err, &reply) {
		return true
	}

	for _, prefix := range unavailableReplies {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// isNoScript reports whether the server does not have a script that was named by its
// hash.
func isNoScript(err error) bool { return redis.HasErrorPrefix(err, "NOSCRIPT") }
