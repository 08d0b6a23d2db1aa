package redis

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/app/loop"
)

// Intervals of the trials that open and close the breaker.
const (
	probeInterval = 500 * time.Millisecond // while Redis is down, and after a rejected command
	idleInterval  = 2 * time.Second        // while nothing fails, so that an idle replica notices an outage too

	// A server that rejects what Parley does is tried less and less often.
	maxRejectedInterval = 4 * time.Second
	// stableAfter is how long Redis must be up before a rejection counts as the first one. Until
	// then a server that rejects some trials, because its memory is just full, stays down longer.
	stableAfter = 30 * time.Second
)

// Down reports whether the breaker is open because Redis is down: it does not answer, or
// rejects what Parley does. Calls fail at once until it is closed.
func (b *Bus) Down() bool { return b.down.Load() }

// recordError opens the breaker if Redis did not reply. If it rejected a command, the next
// trial decides: Redis is down if it rejects that too, else only that command was wrong.
func (b *Bus) recordError(err error) {
	if !isReply(err) {
		b.open(err)
		return
	}
	b.rejected.Store(&err)
	signal(b.suspect)
}

// failed is recordError for an error that may be nil. It returns err.
func (b *Bus) failed(err error) error {
	if err != nil {
		b.recordError(err)
	}
	return err
}

func (b *Bus) open(err error) {
	cause := explain(err)
	b.cause.Store(&cause)
	opened := b.down.CompareAndSwap(false, true)
	if b.causes.allow(cause.Error()) {
		b.logger.Warn("redis is down: publishing through the relay", "error", cause)
	}
	if opened {
		signal(b.suspect)
		b.onDown(true)
	}
}

// close closes the breaker after a trial that passed. If it was closed, a command that was
// rejected before the trial was wrong by itself.
func (b *Bus) close() {
	rejected := b.rejected.Swap(nil)
	if b.down.CompareAndSwap(true, false) {
		b.onDown(false)
		return
	}
	if rejected != nil {
		if cause := explain(*rejected); b.causes.allow(cause.Error()) {
			b.logger.Error("redis rejected a command", "error", cause)
		}
	}
}

// watch tries Redis, opens and closes the breaker, and flushes the resync queue, until ctx
// ends. A publication that fails during the flush fills the queue again.
func (b *Bus) watch(ctx context.Context) {
	rejections := loop.Backoff{Min: probeInterval, Max: maxRejectedInterval}
	lastDown := time.Now()
	for ctx.Err() == nil {
		err := b.probe(ctx)
		switch {
		case err == nil:
			b.close()
			b.flushResyncs(ctx)
			if time.Since(lastDown) > stableAfter {
				rejections.Reset()
			}
			if loop.Sleep(ctx, probeInterval) {
				b.awaitSuspicion(ctx)
			}
			continue
		case isReply(err):
			b.open(err)
			rejections.Wait(ctx)
		default:
			b.open(err)
			loop.Sleep(ctx, probeInterval)
		}
		lastDown = time.Now()
	}
}

// awaitSuspicion returns when a command was rejected, or a subscription failed or was
// confirmed, and otherwise after the rest of idleInterval. While the breaker is open it
// returns at once.
func (b *Bus) awaitSuspicion(ctx context.Context) {
	if b.Down() {
		return
	}
	select {
	case <-b.suspect:
	case <-time.After(idleInterval - probeInterval):
	case <-ctx.Done():
	}
}

// probe returns nil if Redis accepts all that Parley does, including subscriptions.
func (b *Bus) probe(ctx context.Context) error {
	ctx, cancel := b.callContext(ctx)
	defer cancel()
	rejected, err := try(ctx, b.client, b.channels)
	switch {
	case err != nil:
	case len(rejected) > 0:
		err = rejected[0]
	default:
		return b.subscriptionError()
	}

	reloadCluster(ctx, b.client, err)
	return err
}

// setSubscription records why a bucket's subscriber can't subscribe; nil: it is subscribed.
func (b *Bus) setSubscription(bucket int, err error) {
	b.subscribing.Lock()
	before := b.notSubscribed[bucket]
	if err == nil {
		delete(b.notSubscribed, bucket)
	} else {
		b.notSubscribed[bucket] = err
	}
	b.subscribing.Unlock()

	if (before == nil) != (err == nil) {
		signal(b.suspect)
	}
}

// subscriptionError returns the error of the first bucket that can't subscribe.
func (b *Bus) subscriptionError() error {
	b.subscribing.Lock()
	defer b.subscribing.Unlock()
	if len(b.notSubscribed) == 0 {
		return nil
	}
	return b.notSubscribed[slices.Min(slices.Collect(maps.Keys(b.notSubscribed)))]
}

// reloadCluster makes a cluster client read anew which master has which slots, if err
// is not nil.
func reloadCluster(ctx context.Context, client redis.UniversalClient, err error) {
	if cluster, ok := client.(*redis.ClusterClient); ok && err != nil {
		cluster.ReloadState(ctx)
	}
}

// isNoScript reports whether the server does not have a script that was named by its
// hash.
func isNoScript(err error) bool { return redis.HasErrorPrefix(err, "NOSCRIPT") }
