package chaos

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
)

// tab is a conversation's page in a person's browser, as static/js/ keeps it:
// events may be missing, and what doesn't fit is fetched.
type tab struct {
	person       *person
	conversation int
	id           uuid.UUID
	wake         chan struct{} // fetch, once more if a fetch is under way
	sent         atomic.Int64  // messages acknowledged

	mu    sync.Mutex // guards order
	order *order
}

func newTab(p *person, conversation int, id uuid.UUID) *tab {
	t := &tab{person: p, conversation: conversation, id: id, wake: make(chan struct{}, 1)}
	t.order = newOrder(func(id uuid.UUID, body string) { p.history.Show(p.person, conversation, id, body) })
	return t
}

func (t *tab) fetch() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// follow fetches whenever there is reason to, until ctx ends.
func (t *tab) follow(ctx context.Context) {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	var retry <-chan time.Time

	for failures := 0; ; {
		select {
		case <-t.wake:
		case <-retry:
		case <-ticker.C:
			if !t.overdue() {
				continue
			}
		case <-ctx.Done():
			return
		}

		retry = nil

		if t.catchUp(ctx) == nil {
			failures = 0
			continue
		}

		retry = time.After(backoff(failures))
		failures++
	}
}

// backoff is that of static/js/timing.js, with a lower bound at its end: nobody
// here would wait for longer.
func backoff(failures int) time.Duration {
	return time.Duration(float64(time.Second<<min(failures, 3)) * (0.5 + rand.Float64()/2))
}

func (t *tab) overdue() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.order.overdue(time.Now()) || !t.person.live.Load()
}

// catchUp fetches page by page what is stored after the last number at hand.
func (t *tab) catchUp(ctx context.Context) error {
	for {
		t.mu.Lock()
		last := t.order.last
		t.mu.Unlock()

		p, err := t.person.page(ctx, t.id, last, t.person.pageSize)
		if err != nil {
			return err
		}

		t.mu.Lock()
		t.order.fetched(p, time.Now())
		stuck := t.order.last == last
		t.mu.Unlock()

		switch {
		case !p.Complete:
			return errors.New("what is stored can't be read")
		case p.Newest || stuck:
			return nil
		}
	}
}

// add shows a message from anywhere.
func (t *tab) add(m client.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.order.add(m, time.Now())
}

// number applies a stored event.
func (t *tab) number(e client.StoredEvent) {
	t.mu.Lock()
	missing := t.order.stored(e)
	t.mu.Unlock()

	if missing {
		t.fetch()
	}
}

// screen returns the rows as they are shown.
func (t *tab) screen() []Row {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.order.sorted()
}
