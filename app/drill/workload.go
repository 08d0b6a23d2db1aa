package drill

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/google/uuid"
)

// How fast people write, and how long they wait before they try again.
const (
	pause        = 25 * time.Millisecond
	retry        = 50 * time.Millisecond
	lookInterval = 200 * time.Millisecond // a balancer's look
)

// talks are conversations of two, both of whom write without an end, by way of what a balancer would do: a replica is used while its /readyz says so.
type talks struct {
	bases   []string
	people  []*person // two by two
	watcher *person   // nobody: who looks at the replicas

	mu     sync.Mutex           // guards the next group
	begun  map[string]time.Time // by text
	acked  []acked
	heard  map[*person]time.Time // when each first heard something that was begun after since
	since  time.Time
	logged map[string]bool // the replicas which had something acknowledged by the log that was begun after since
	number map[*person]int // the last number that they wrote
	ready  map[string]bool // the replicas that a balancer would send people to
	whole  map[string]bool // those that miss no part

	// What was looked at, between phases.
	readTo map[string]int64 // by conversation: the last seq that was looked at
	seen   map[string]int   // by text: how often it is there
	last   map[*person]int  // the last number of theirs that was looked at
	settle time.Duration    // how long what was acknowledged may take to be stored

	quit    chan struct{} // ends the senders of a phase
	senders sync.WaitGroup
	gone    context.CancelFunc // ends the listeners
	ears    sync.WaitGroup
}

type acked struct {
	body string
	wait time.Duration
}

// meet signs people in and opens their conversations.
func meet(ctx context.Context, bases []string) (*talks, error) {
	t := &talks{
		bases: bases, begun: map[string]time.Time{}, heard: map[*person]time.Time{}, logged: map[string]bool{},
		settle: settleTimeout, ready: map[string]bool{}, whole: map[string]bool{}, readTo: map[string]int64{}, seen: map[string]int{}, last: map[*person]int{}, number: map[*person]int{},
	}
	var err error
	if t.watcher, err = newPerson(""); err != nil {
		return nil, err
	}
	for _, name := range []string{"Ada", "Bob", "Cleo", "Dan"} {
		p, err := newPerson(name)
		if err != nil {
			return nil, err
		}
		var a struct{ User struct{ ID string } }
		if err := p.do(ctx, "POST", bases[0]+"/signin/dev", url.Values{"name": {"Drill " + name}}, &a, 200); err != nil {
			return nil, err
		}
		p.id = a.User.ID
		t.people = append(t.people, p)
	}
	for i := 0; i < len(t.people); i += 2 {
		if err := t.befriend(ctx, t.people[i], t.people[i+1]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *talks) befriend(ctx context.Context, a, b *person) error {
	var none, opened struct{ Conversation struct{ ID string } }
	for by, of := range map[*person]*person{a: b, b: a} { // each asks: that makes friends
		if err := by.do(ctx, "POST", t.bases[0]+"/requests", url.Values{"person": {of.id}}, &none, 200, 201); err != nil {
			return err
		}
	}
	if err := a.do(ctx, "POST", t.bases[0]+"/conversations", url.Values{"person": {b.id}}, &opened, 200, 201); err != nil {
		return err
	}
	a.talk = "/conversations/" + opened.Conversation.ID
	b.talk = a.talk
	return nil
}

// listen opens everybody's stream, and again on the next replica whenever it ends. It also looks which replicas are ready.
func (t *talks) listen() {
	ctx, cancel := context.WithCancel(context.Background())
	t.gone = cancel
	for _, base := range t.bases {
		t.ears.Add(1)
		go func() {
			defer t.ears.Done()
			for ctx.Err() == nil {
				ready, whole := t.watcher.look(ctx, base)
				t.mu.Lock()
				t.ready[base], t.whole[base] = ready, whole
				t.mu.Unlock()
				select {
				case <-time.After(lookInterval):
				case <-ctx.Done():
				}
			}
		}()
	}
	for i, p := range t.people {
		t.ears.Add(1)
		go func() {
			defer t.ears.Done()
			for n := i; ctx.Err() == nil; n++ {
				_ = p.hear(ctx, t.replica(n), func(body string) { t.hears(p, body) }) // however it ends
				select {
				case <-time.After(retry):
				case <-ctx.Done():
				}
			}
		}()
	}
}

// replica is the nth of those that are ready, or of all when none is.
func (t *talks) replica(n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var ready []string
	for _, base := range t.bases {
		if t.ready[base] {
			ready = append(ready, base)
		}
	}
	if len(ready) == 0 {
		ready = t.bases
	}
	return ready[n%len(ready)]
}

// look tells whether a balancer would use a replica, and whether that misses no part.
func (p *person) look(ctx context.Context, base string) (ready, whole bool) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var a struct{ Down []string }
	err := p.do(ctx, "GET", base+"/readyz", nil, &a, http.StatusOK)
	return err == nil, err == nil && len(a.Down) == 0
}

func (t *talks) leave() {
	t.gone()
	t.ears.Wait()
}

func (t *talks) hears(p *person, body string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if begun, ok := t.begun[body]; ok && begun.After(t.since) && t.heard[p].IsZero() {
		t.heard[p] = time.Now()
	}
}

// begin starts everybody's writing; stop ends it, each after what they are just sending.
func (t *talks) begin() {
	t.acked, t.quit = nil, make(chan struct{})
	for _, p := range t.people {
		t.senders.Add(1)
		go func() {
			defer t.senders.Done()
			t.write(p, t.quit)
		}()
	}
}

func (t *talks) stop() {
	select {
	case <-t.quit:
	default:
		close(t.quit)
	}
	t.senders.Wait()
}

func (t *talks) write(p *person, quit chan struct{}) {
	for {
		select {
		case <-quit:
			return
		case <-time.After(pause):
		}
		t.mu.Lock()
		t.number[p]++
		n := t.number[p]
		body := fmt.Sprintf("%s %d", p.name, n)
		begun := time.Now()
		t.begun[body] = begun
		t.mu.Unlock()
		t.insist(p, body, n, begun)
	}
}

// insist sends a message until it is acknowledged, at one replica after the other: always the same one. It gives up when a recovery would have
// taken too long.
func (t *talks) insist(p *person, body string, n int, begun time.Time) {
	clientID := uuid.Must(uuid.NewV7())
	for attempt := n; time.Since(begun) < 2*settleTimeout; attempt++ {
		base := t.replica(attempt)
		m, err := p.send(context.Background(), base, body, clientID)
		if err != nil {
			time.Sleep(retry)
			continue
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.acked = append(t.acked, acked{body, time.Since(begun)})
		if m.LogOffset != nil && begun.After(t.since) {
			t.logged[base] = true
		}
		return
	}
}

// await returns when everybody has heard something that was begun after since, every replica's log has taken something of that time, and none misses
// a part.
func (t *talks) await(ctx context.Context, since time.Time) error {
	t.mu.Lock()
	t.since = since
	clear(t.heard)
	clear(t.logged)
	t.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	for {
		t.mu.Lock()
		heard, logged, whole := len(t.heard), len(t.logged), 0
		for _, base := range t.bases {
			if t.whole[base] {
				whole++
			}
		}
		t.mu.Unlock()
		if heard == len(t.people) && logged == len(t.bases) && whole == len(t.bases) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not as before within %s: %d of %d people hear, %d of %d replicas reach the log, %d miss no part", settleTimeout, heard, len(t.people), logged, len(t.bases), whole)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// row waits until all that was acknowledged is stored, and looks at everything that was stored since the last time.
func (t *talks) row(ctx context.Context, name string, healed time.Time) (Row, error) {
	r := Row{Fault: name, Acknowledged: len(t.acked)}
	for _, a := range t.acked {
		r.Outage = max(r.Outage, a.wait)
	}
	t.mu.Lock()
	for _, at := range t.heard {
		r.LiveAgain = max(r.LiveAgain, at.Sub(healed))
	}
	t.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, t.settle)
	defer cancel()
	var failed error // of the last reading that had its time
	for {
		pending, err := t.read(ctx, &r)
		if err == nil {
			failed = nil
		} else if ctx.Err() == nil {
			failed = err
		}
		r.Lost = 0
		for _, a := range t.acked {
			if t.seen[a.body] == 0 {
				r.Lost++
			}
		}
		if err == nil && pending == 0 && r.Lost == 0 {
			return r, nil
		}
		select {
		case <-ctx.Done():
			return r, failed
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// read looks at what is stored and wasn't looked at: twice is a duplicate, a lower number than the one before is out of order, and so is a seq that doesn't follow.
func (t *talks) read(ctx context.Context, r *Row) (pending int, err error) {
	for i := 0; i < len(t.people); i += 2 {
		reader := t.people[i]
		all, waiting, err := reader.history(ctx, t.replica(i/2), t.readTo[reader.talk])
		if err != nil {
			return 0, err
		}
		pending += waiting
		for _, m := range all {
			if m.Seq != t.readTo[reader.talk]+1 {
				r.OutOfOrder++
			}
			t.readTo[reader.talk] = m.Seq
			t.count(r, m.Body, t.people[i:i+2])
		}
	}
	return pending, nil
}

func (t *talks) count(r *Row, body string, people []*person) {
	if t.seen[body]++; t.seen[body] > 1 {
		r.Duplicated++
		return
	}
	for _, p := range people {
		var n int
		if _, err := fmt.Sscanf(body, p.name+" %d", &n); err != nil {
			continue
		}
		if n < t.last[p] {
			r.OutOfOrder++
		}
		t.last[p] = max(t.last[p], n)
	}
}
