package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Crowd is people who talk: each with the next one, in a ring, so that everybody has two conversations and is an outsider to all others.
type Workload struct {
	History *History
	world   *Cluster
	people  []*person
	talks   []uuid.UUID
	members map[int][]int
	floor   sync.RWMutex // held for reading while sending
	open    bool
	stop    context.CancelFunc
	tasks   sync.WaitGroup
}

// WorkloadOptions say how many, how often each of them writes in each conversation, how much a tab fetches at once, and how long it waits.
type WorkloadOptions struct {
	Run      string // part of names and canaries: digits and lower-case letters
	People   int
	Pause    time.Duration
	PageSize int
	Timeout  time.Duration // of a request
}

// NewWorkload signs them in, makes them friends and opens their pages. Nobody speaks before Talk. End closes everything.
func NewWorkload(ctx context.Context, w *Cluster, o WorkloadOptions) (*Workload, error) {
	c := &Workload{History: NewHistory(), world: w, members: map[int][]int{}}
	w.crowd = c
	for i := range o.People {
		browser, err := newClient(fmt.Sprintf("Person %d of %s", i, o.Run), i, o, w.bases(), c.History)
		if err == nil {
			err = browser.signIn(ctx)
		}
		if err != nil {
			return nil, err
		}
		c.people = append(c.people, &person{client: browser, tabs: map[uuid.UUID]*tab{}, pageSize: o.PageSize})
	}
	for i, p := range c.people {
		if err := c.befriend(ctx, p, c.people[(i+1)%len(c.people)]); err != nil {
			return nil, err
		}
	}
	return c, c.begin(o.Pause)
}

// befriend has one ask and the other accept, and opens their conversation for both.
func (c *Workload) befriend(ctx context.Context, p, friend *person) error {
	var asked struct {
		Request struct {
			ID uuid.UUID `json:"id"`
		} `json:"request"`
	}
	var opened struct {
		Conversation chat.Conversation `json:"conversation"`
	}
	err := p.must(ctx, "/requests", url.Values{"person": {friend.id.String()}}, &asked)
	if err == nil {
		err = friend.must(ctx, "/requests/"+asked.Request.ID.String()+"/accept", url.Values{}, nil)
	}
	if err == nil {
		err = p.must(ctx, "/conversations", url.Values{"person": {friend.id.String()}}, &opened)
	}
	if err != nil {
		return err
	}
	id, talk := opened.Conversation.ID, len(c.talks)
	c.talks = append(c.talks, id)
	c.members[talk] = []int{p.person, friend.person}
	for _, member := range []*person{p, friend} {
		member.mine[talk] = true
		member.tabs[id] = newTab(member, talk, id)
	}
	return nil
}

// begin opens the pages: every replica has seen every member by then, and can serve them while the store is away.
func (c *Workload) begin(pause time.Duration) error {
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.floor.Lock()
	run := func(f func()) {
		c.tasks.Add(1)
		go func() { defer c.tasks.Done(); f() }()
	}
	for _, p := range c.people {
		for _, id := range c.talks {
			t := p.tabs[id]
			if t == nil {
				continue
			}
			if err := c.everywhere(ctx, p, t); err != nil {
				return err
			}
			random := c.fork()
			run(func() { t.follow(ctx) })
			run(func() { t.write(ctx, random, &c.floor, pause) })
		}
		random := c.fork()
		run(func() { p.listen(ctx, p) })
		run(func() { p.pry(ctx, random, c.talks) })
	}
	return c.until(ctx, "every page is live", func() bool {
		return !slices.ContainsFunc(c.people, func(p *person) bool { return !p.live.Load() })
	})
}

func (c *Workload) everywhere(ctx context.Context, p *person, t *tab) error {
	for range p.bases {
		if err := p.must(ctx, "/conversations/"+t.id+"?after=0", nil, nil); err != nil {
			return err
		}
		p.move()
	}
	return nil
}

func (c *Workload) fork() *rand.Rand { return rand.New(rand.NewPCG(c.world.random.Uint64(), 0)) }

// Talk lets everybody write until Quiet, which waits for the messages under way.
func (c *Workload) Talk() {
	if !c.open {
		c.open = true
		c.floor.Unlock()
	}
}

// Quiet returns when everybody knows of their last message what became of it, or has given up.
func (c *Workload) Quiet() {
	if c.open {
		c.floor.Lock()
		c.open = false
	}
}

// stored does something while everybody is silent and all of the log is stored, and lets them talk on.
func (c *Workload) stored(ctx context.Context, do func() error) error {
	c.Quiet()
	defer c.Talk()
	err := c.until(ctx, "all of the log is stored", func() bool {
		lag, err := c.world.Lag(ctx)
		return err == nil && lag == 0
	})
	if err != nil {
		return err
	}
	return do()
}

// End closes all pages.
func (c *Workload) End() {
	if c.stop != nil {
		c.stop()
		c.Talk()
		c.tasks.Wait()
	}
}

func (c *Workload) eachTab(do func(t *tab)) {
	for _, p := range c.people {
		for _, id := range c.talks {
			if t := p.tabs[id]; t != nil {
				do(t)
			}
		}
	}
}

// Recovered waits until everybody has sent in each conversation something written from now on.
func (c *Workload) Recovered(ctx context.Context) error {
	before := map[*tab]int64{}
	c.eachTab(func(t *tab) { before[t] = t.sent.Load() })
	return c.until(ctx, "everybody can send again", func() bool {
		all := true
		c.eachTab(func(t *tab) { all = all && t.sent.Load() >= before[t]+2 }) // the first may have been under way
		return all
	})
}

// Acknowledged waits for so many in this round.
func (c *Workload) Acknowledged(ctx context.Context, n int) error {
	return c.until(ctx, fmt.Sprintf("%d are acknowledged", n), func() bool { return c.History.Answers().OK >= n })
}

// ErrNotInTime says that something never came to be.
var ErrNotInTime = errors.New("did not happen")

func (c *Workload) until(ctx context.Context, what string, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%w: %s", ErrNotInTime, what)
		}
	}
	return nil
}
