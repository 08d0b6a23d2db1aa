package replica

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/loop"
)

const (
	// followBatch is how many people one query reads.
	followBatch = 1000
	// followInterval is the time between two queries: many people who connect at once share few.
	followInterval = 50 * time.Millisecond
	// followRetry is the wait after a failure. A person whose first stream opens is tried at once.
	followRetry = time.Second
)

// followHub is what follows tells the hub (sse.Hub).
type followHub interface {
	Follow(person uuid.UUID, conversations []uuid.UUID)
	FollowLater(person uuid.UUID)
}

// follows reads which conversations with a channel of their own the people with streams here
// follow. One query runs at a time, so that a later one has what happened since. Safe for
// concurrent use.
type follows struct {
	store  chat.FollowStore
	hub    followHub
	logger *slog.Logger
	wake   chan struct{}

	mu      sync.Mutex // guards the fields below
	arrived map[uuid.UUID]struct{}
	again   map[uuid.UUID]struct{} // people who are also in arrived may be here too
	retryAt time.Time              // before it, only people in arrived are read
	failed  bool                   // the last query
}

func newFollows(store chat.FollowStore, logger *slog.Logger) *follows {
	return &follows{
		store:   store,
		logger:  logger,
		wake:    make(chan struct{}, 1),
		arrived: map[uuid.UUID]struct{}{},
		again:   map[uuid.UUID]struct{}{},
	}
}

// Arrive implements sse.Follows.
func (f *follows) Arrive(person uuid.UUID) {
	f.mu.Lock()
	f.arrived[person] = struct{}{}
	f.mu.Unlock()
	f.wakeUp()
}

// ReadAgain implements sse.Follows.
func (f *follows) ReadAgain(people ...uuid.UUID) {
	f.mu.Lock()
	for _, id := range people {
		f.again[id] = struct{}{}
	}
	f.mu.Unlock()
	f.wakeUp()
}

func (f *follows) wakeUp() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// run reads until ctx ends.
func (f *follows) run(ctx context.Context) {
	for ctx.Err() == nil {
		batch, wait := f.take(time.Now())
		if len(batch) > 0 {
			f.read(ctx, batch)
			loop.Sleep(ctx, followInterval)
			continue
		}

		var retry <-chan time.Time // nil: nobody waits for a retry
		if wait > 0 {
			retry = time.After(wait)
		}
		select {
		case <-f.wake:
		case <-retry:
		case <-ctx.Done():
		}
	}
}

// take returns the people to read next, those first whose streams wait. wait is the time until
// others may be read.
func (f *follows) take(now time.Time) (batch []uuid.UUID, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	move := func(from map[uuid.UUID]struct{}) {
		for id := range from {
			if len(batch) == followBatch {
				return
			}
			batch = append(batch, id)
			delete(from, id)
			delete(f.again, id)
		}
	}

	move(f.arrived)
	switch wait = f.retryAt.Sub(now); {
	case wait <= 0:
		move(f.again)
	case len(f.again) == 0:
		wait = 0
	}
	return batch, wait
}

// read reads what people follow, and tells the hub.
func (f *follows) read(ctx context.Context, people []uuid.UUID) {
	followed, err := f.store.Followed(ctx, people)
	if ctx.Err() != nil {
		return
	}

	for _, id := range f.settle(people, err) {
		if err != nil {
			f.hub.FollowLater(id)
		} else {
			f.hub.Follow(id, followed[id])
		}
	}
}

// settle notes the result of a query. It returns the people whom it is for: not those whose first
// stream has opened since, for whom a later query counts.
func (f *follows) settle(people []uuid.UUID, err error) (settled []uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if failed := err != nil; failed != f.failed {
		f.failed = failed
		if failed {
			f.logger.Warn("channels of groups not read, retrying", "people", len(people), "error", err)
		} else {
			f.logger.Info("channels of groups read again")
		}
	}

	f.retryAt = time.Time{}
	for _, id := range people {
		if _, later := f.arrived[id]; !later {
			settled = append(settled, id)
		}
		if err != nil {
			f.again[id] = struct{}{}
		}
	}
	if err != nil {
		f.retryAt = time.Now().Add(followRetry)
	}
	return settled
}
