package redis

import (
	"context"
	"errors"
	"sync"

	"github.com/redis/go-redis/v9"
)

// maxBatchCalls is the number of calls that share one round trip at most.
const maxBatchCalls = 64

// batcher lets calls that arrive during a round trip to Redis share the next one, because
// a system call and a wake-up cost more than the commands. A single call starts at once.
// There is no goroutine: the first call of a batch executes it for the others. Needs exec.
// Safe for concurrent use.
type batcher struct {
	exec func(ctx context.Context, calls []*batchedCall) // one round trip

	mu    sync.Mutex // guards the fields below
	busy  bool       // a round trip is under way
	queue []*batchedCall
}

// batchedCall is one call's commands and, afterwards, their first error.
type batchedCall struct {
	fill func(context.Context, redis.Pipeliner)
	err  error
	wake chan bool // true: execute the next batch, which this call begins; false: it was executed
}

// run executes the commands that fill adds, and returns their first error. Successive
// calls reach Redis in their order.
func (b *batcher) run(ctx context.Context, fill func(context.Context, redis.Pipeliner)) error {
	own := &batchedCall{fill: fill, wake: make(chan bool, 1)}
	b.mu.Lock()
	b.queue = append(b.queue, own)
	first := !b.busy
	b.busy = true
	b.mu.Unlock()

	if !first && !<-own.wake {
		return own.err
	}

	calls := b.takeBatch()
	defer b.handOver(calls[1:]) // deferred, because fill may panic
	b.exec(ctx, calls)
	return own.err
}

// takeBatch removes the next batch from the queue. It begins with the caller's own call.
func (b *batcher) takeBatch() []*batchedCall {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.queue), maxBatchCalls)
	calls := b.queue[:n:n]
	b.queue = b.queue[n:]
	return calls
}

// handOver wakes the call that executes the next batch, and those that were executed.
func (b *batcher) handOver(executed []*batchedCall) {
	b.mu.Lock()
	if len(b.queue) > 0 {
		b.queue[0].wake <- true
	} else {
		b.busy, b.queue = false, nil
	}
	b.mu.Unlock()

	for _, c := range executed {
		c.wake <- false
	}
}

// execBatch is one round trip. If the breaker has opened since the calls were queued, they
// fail without one.
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
	ends := make([]int, len(calls)) // the number of commands up to the end of each call
	for i, c := range calls {
		c.fill(ctx, pipe)
		ends[i] = pipe.Len()
	}

	if pipe.Len() == 0 {
		return
	}

	commands, err := execPipeline(ctx, pipe)
	if err == nil {
		return
	}

	begin := 0
	for i, c := range calls {
		c.err = firstError(commands[begin:ends[i]])
		begin = ends[i]
		if c.err != nil && !isNoScript(c.err) {
			b.recordError(c.err)
		}
	}
}

// firstError prefers other errors to a missing script, which the caller repairs. A missing key
// is no error.
func firstError(commands []redis.Cmder) (first error) {
	for _, command := range commands {
		err := command.Err()
		if err != nil && !errors.Is(err, redis.Nil) && (first == nil || isNoScript(first)) {
			first = err
		}
	}
	return first
}
