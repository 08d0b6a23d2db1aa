package redis

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// trips lets calls that come while another is on its way to Redis share the next round trip: a system call and a wake-up cost more than the commands
// do. A call alone goes at once. Ready with exec; safe for concurrent use.
type batcher struct {
	exec  func(ctx context.Context, calls []*batchedCall) // one round trip
	mu    sync.Mutex                                      // guards the fields below
	busy  bool                                            // a call is on its way
	queue []*batchedCall
}

const maxBatchCalls = 64 // at most in one round trip

// trip is one call's commands, and then their first error.
type batchedCall struct {
	fill func(context.Context, redis.Pipeliner)
	err  error
	wake chan bool // true: it is this one's turn to go, and to take those behind it along; false: another one took it along
}

// run returns the first error of the call's own commands. Commands of calls that follow one another go in that order.
func (t *batcher) run(ctx context.Context, fill func(context.Context, redis.Pipeliner)) error {
	own := &batchedCall{fill: fill, wake: make(chan bool, 1)}
	t.mu.Lock()
	t.queue = append(t.queue, own)
	first := !t.busy
	t.busy = true
	t.mu.Unlock()
	if !first && !<-own.wake {
		return own.err
	}
	calls := t.takeBatch()
	defer t.handOver(calls[1:])
	t.exec(ctx, calls)
	return own.err
}

// take is for the one whose turn it is: itself, which is the first, and those behind it.
func (t *batcher) takeBatch() []*batchedCall {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(t.queue), maxBatchCalls)
	calls := t.queue[:n:n]
	t.queue = t.queue[n:]
	return calls
}

// passOn gives the turn to the next, and tells those that were taken along.
func (t *batcher) handOver(taken []*batchedCall) {
	t.mu.Lock()
	if len(t.queue) > 0 {
		t.queue[0].wake <- true
	} else {
		t.busy, t.queue = false, nil
	}
	t.mu.Unlock()
	for _, c := range taken {
		c.wake <- false
	}
}

// trip is one round trip for several calls. A Redis that stopped answering since they were queued costs each of them nothing more.
func (b *Bus) execBatch(ctx context.Context, calls []*batchedCall) {
	if b.Down() {
		for _, c := range calls {
			c.err = errDown
		}
		return
	}
	ctx, cancel := b.callContext(ctx)
	defer cancel()
	pipe := b.client.Pipeline()
	ends := make([]int, len(calls)) // where each call's commands end
	for i, c := range calls {
		c.fill(ctx, pipe)
		ends[i] = pipe.Len()
	}
	if pipe.Len() == 0 {
		return
	}
	commands, err := pipe.Exec(ctx)
	if err == nil {
		return
	}
	from := 0
	for i, c := range calls {
		for _, command := range commands[from:ends[i]] {
			if err := command.Err(); err != nil && (c.err == nil || redis.HasErrorPrefix(c.err, "NOSCRIPT")) {
				c.err = err
			}
		}
		from = ends[i]
		if c.err != nil && !redis.HasErrorPrefix(c.err, "NOSCRIPT") {
			b.recordError(c.err)
		}
	}
}
