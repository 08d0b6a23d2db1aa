package chaos

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// tab is a conversation's page in somebody's browser, as static/js/conversation.js and outbox.js keep it: messages are sent one at a time, in
// order; the stream is a hint, and what doesn't fit is fetched.
type tab struct {
	person *person
	talk   int
	id     string
	wake   chan struct{} // fetch, once more if it is under way
	sent   atomic.Int64  // messages acknowledged

	mu    sync.Mutex // guards order
	order *order
}

func newTab(p *person, talk int, id uuid.UUID) *tab {
	t := &tab{person: p, talk: talk, id: id.String(), wake: make(chan struct{}, 1)}
	t.order = newOrder(func(id uuid.UUID, body string) { p.history.Show(p.person, talk, id, body) })
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
	var again <-chan time.Time
	for failures := 0; ; {
		select {
		case <-t.wake:
		case <-again:
		case <-ticker.C:
			if !t.due() {
				continue
			}
		case <-ctx.Done():
			return
		}
		again = nil
		if t.catchUp(ctx) == nil {
			failures = 0
			continue
		}
		again = time.After(backoff(failures))
		failures++
	}
}

// backoff is that of static/js/timing.js, but for its end, for which nobody here would wait.
func backoff(failures int) time.Duration {
	return time.Duration(float64(time.Second<<min(failures, 3)) * (0.5 + rand.Float64()/2))
}

func (t *tab) due() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.order.overdue(time.Now()) || !t.person.live.Load()
}

// catchUp fetches what is after S, page by page, until the newest message.
func (t *tab) catchUp(ctx context.Context) error {
	for {
		t.mu.Lock()
		last := t.order.last
		t.mu.Unlock()
		p, newest, err := t.person.page(ctx, t.id, last, t.person.pageSize)
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
		case newest || stuck:
			return nil
		}
	}
}

func (t *tab) take(m chat.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.order.add(m, time.Now())
}

func (t *tab) number(e chat.StoredEvent) {
	t.mu.Lock()
	missing := t.order.stored(e)
	t.mu.Unlock()
	if missing {
		t.fetch()
	}
}

func (t *tab) screen() []Row {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.order.sorted()
}

// talk writes message after message until ctx ends, whenever the floor is open.
func (t *tab) write(ctx context.Context, random *rand.Rand, floor *sync.RWMutex, pause time.Duration) {
	for n := 1; ctx.Err() == nil; n++ {
		select {
		case <-time.After(pause/3 + time.Duration(random.Int64N(int64(pause)*4/3))):
		case <-ctx.Done():
			return
		}
		floor.RLock()
		if ctx.Err() == nil {
			t.say(ctx, random, canary(t.person.run, t.talk, t.person.person, n))
		}
		floor.RUnlock()
	}
}

// Chances of what people do.
const (
	doubleClicks = 0.04
	takesAway    = 0.3 // a message that was refused
	givesUp      = 0.05
	patience     = time.Minute // with one message; everything is well again long before
)

// say sends one message until it is acknowledged, always the same. Its sender may take it away when it was refused, and give up when nobody
// knows.
func (t *tab) say(ctx context.Context, random *rand.Rand, body string) {
	p := t.person
	op, clientID, begin := p.history.Invoke(p.person, t.talk, body), chat.NewID(), time.Now()
	certain := true // nobody was given it
	for {
		o := t.attempt(ctx, clientID, body, random.Float64() < doubleClicks)
		p.history.Answer(o)
		certain = certain && o == Refused
		switch {
		case o == OK:
			p.history.Finish(op, OK)
			t.sent.Add(1)
			return
		case certain && random.Float64() < takesAway:
			p.history.Finish(op, Refused)
			return
		case !certain && random.Float64() < givesUp, ctx.Err() != nil:
			p.history.Finish(op, Unknown)
			return
		case time.Since(begin) > patience:
			p.history.Finish(op, Unknown)
			p.history.See(Stuck, "person %d could not send %s for %v", p.person, body, patience)
			return
		}
		select {
		case <-time.After(50*time.Millisecond + time.Duration(random.Int64N(int64(300*time.Millisecond)))):
		case <-ctx.Done():
		}
	}
}

// attempt posts once, or (a double click, on its way to two replicas) twice at once.
func (t *tab) attempt(ctx context.Context, clientID uuid.UUID, body string, twice bool) Outcome {
	p := t.person
	post := func(base string) Outcome {
		o, m := p.send(ctx, base, t.id, clientID, body)
		if m != nil {
			t.take(*m)
		}
		return o
	}
	if !twice {
		return post(p.base())
	}
	second := make(chan Outcome, 1)
	other := p.bases[rand.IntN(len(p.bases))]
	go func() { second <- post(other) }()
	a, b := post(p.base()), <-second
	switch {
	case a == OK || b == OK:
		return OK
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return Refused
}
