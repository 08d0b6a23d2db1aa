package chaos

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/loop"
)

// Workload is people who write: each to the next one, in a ring, so that
// everybody has two conversations and is no member of any other.
type Workload struct {
	History *History

	cluster       *Cluster
	people        []*person
	conversations []uuid.UUID
	members       map[int][]int // people, by conversation
	floor         sync.RWMutex  // read-locked by each message under way; locked while people pause
	writing       bool
	cancel        context.CancelFunc
	tasks         sync.WaitGroup
}

// WorkloadOptions configure a Workload.
type WorkloadOptions struct {
	Run      string        // a part of names and markers: digits and lower-case letters
	People   int           // how many
	Pause    time.Duration // between a person's messages in one conversation, on average
	PageSize int           // the messages that a tab fetches at once
	Timeout  time.Duration // of a request
}

// NewWorkload signs people in, makes them friends and opens their pages. Nobody
// writes before Write. Close closes everything.
func NewWorkload(ctx context.Context, c *Cluster, o WorkloadOptions) (*Workload, error) {
	w := &Workload{History: NewHistory(), cluster: c, members: map[int][]int{}}

	c.workload = w
	for i := range o.People {
		b, err := newBrowser(ctx, fmt.Sprintf("Person %d of %s", i, o.Run), i, o, c.bases(), w.History)
		if err != nil {
			return nil, err
		}

		w.people = append(w.people, &person{browser: b, tabs: map[uuid.UUID]*tab{}, pageSize: o.PageSize})
	}

	for i, p := range w.people {
		if err := w.befriend(ctx, p, w.people[(i+1)%len(w.people)]); err != nil {
			return nil, err
		}
	}

	return w, w.open(o.Pause)
}

// befriend makes two people friends, and opens a tab of their conversation for
// both.
func (w *Workload) befriend(ctx context.Context, p, friend *person) error {
	id, err := p.here().Befriend(ctx, friend.here())
	if err != nil {
		return err
	}

	conversation := len(w.conversations)
	w.conversations = append(w.conversations, id)

	w.members[conversation] = []int{p.person, friend.person}
	for _, member := range []*person{p, friend} {
		member.own[conversation] = true
		member.tabs[id] = newTab(member, conversation, id)
	}

	return nil
}

// open opens all pages at every replica, which can then serve the members while
// the store is down, and starts everybody's tasks.
func (w *Workload) open(pause time.Duration) error {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	w.floor.Lock()
	for t := range w.tabs() {
		for _, base := range t.person.bases {
			if _, err := t.person.At(base).History(ctx, t.id, 0, t.person.pageSize); err != nil {
				return err
			}
		}

		random := w.fork()
		w.tasks.Go(func() { t.follow(ctx) })
		w.tasks.Go(func() { t.write(ctx, random, &w.floor, pause) })
	}

	for _, p := range w.people {
		random := w.fork()
		w.tasks.Go(func() { p.listen(ctx) })
		w.tasks.Go(func() { p.trespass(ctx, random, w.conversations) })
	}

	return await(ctx, recoveryTimeout, "every page is live", func() bool {
		return !slices.ContainsFunc(w.people, func(p *person) bool { return !p.live.Load() })
	})
}

// fork returns a source of chance for one goroutine.
func (w *Workload) fork() *rand.Rand { return rand.New(rand.NewPCG(w.cluster.random.Uint64(), 0)) }

// tabs yields every person's tabs, in a fixed order.
func (w *Workload) tabs() iter.Seq[*tab] {
	return func(yield func(*tab) bool) {
		for _, p := range w.people {
			for _, id := range w.conversations {
				if t := p.tabs[id]; t != nil && !yield(t) {
					return
				}
			}
		}
	}
}

// Write lets everybody write until Pause.
func (w *Workload) Write() {
	if !w.writing {
		w.writing = true
		w.floor.Unlock()
	}
}

// Pause returns when everybody knows the outcome of their last message, or has
// given it up.
func (w *Workload) Pause() {
	if w.writing {
		w.floor.Lock()
		w.writing = false
	}
}

// whileStored calls do while everybody pauses and all of the log is stored.
func (w *Workload) whileStored(ctx context.Context, do func() error) error {
	w.Pause()
	defer w.Write()

	if err := w.awaitStored(ctx, recoveryTimeout); err != nil {
		return err
	}

	return do()
}

// Close closes all pages.
func (w *Workload) Close() {
	if w.cancel != nil {
		w.cancel()
		w.Write()
		w.tasks.Wait()
	}
}

// AwaitRecovery waits until everybody has sent, in each conversation, a message
// that was written from now on.
func (w *Workload) AwaitRecovery(ctx context.Context) error {
	before := map[*tab]int64{}
	for t := range w.tabs() {
		before[t] = t.sent.Load()
	}

	return await(ctx, recoveryTimeout, "everybody can send again", func() bool {
		for t := range w.tabs() {
			if t.sent.Load() < before[t]+2 { // the first may have been under way
				return false
			}
		}

		return true
	})
}

// AwaitAcknowledged waits until n messages are acknowledged in this round.
func (w *Workload) AwaitAcknowledged(ctx context.Context, n int) error {
	return await(ctx, recoveryTimeout, fmt.Sprintf("%d messages are acknowledged", n), func() bool {
		return w.History.Answers().OK >= n
	})
}

func (w *Workload) awaitStored(ctx context.Context, timeout time.Duration) error {
	return await(ctx, timeout, "all of the log is stored", func() bool {
		lag, err := w.cluster.lag(ctx)
		return err == nil && lag == 0
	})
}

// recoveryTimeout is the time that anything has to work again.
const recoveryTimeout = 90 * time.Second

// await returns when ok returns true. After the timeout it is an error.
func await(ctx context.Context, timeout time.Duration, condition string, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	for !ok() {
		if !loop.Sleep(ctx, 20*time.Millisecond) {
			return fmt.Errorf("timed out waiting until %s", condition)
		}
	}

	return nil
}
