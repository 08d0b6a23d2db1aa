package chat

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// places bounds how many do something at once; nil is no bound.
type places chan struct{}

func newPlaces(n int) places {
	if n == 0 {
		return nil
	}
	return make(places, n)
}

// take takes a place if there is one.
func (p places) take() bool {
	if p == nil {
		return true
	}
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

// await takes a place if there is one in time.
func (p places) await(most time.Duration) bool {
	if p.take() {
		return true
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case p <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

// leave is for whoever has a place.
func (p places) leave() {
	if p != nil {
		<-p
	}
}

// crowd counts those who do something at once, against a bound that moves; 0 is none.
type crowd struct{ inside, bound atomic.Int64 }

// enter lets one in, unless the bound is reached.
func (c *crowd) enter() bool {
	n := c.inside.Add(1)
	if bound := c.bound.Load(); bound > 0 && n > bound {
		c.inside.Add(-1)
		return false
	}
	return true
}

// full tells whether the next one would be refused.
func (c *crowd) full() bool {
	bound := c.bound.Load()
	return bound > 0 && c.inside.Load() >= bound
}

// leave is for whoever was let in.
func (c *crowd) leave() { c.inside.Add(-1) }

// SendsInFlight is how many sends are under way.
func (s *Service) SendsInFlight() int { return int(s.sending.inside.Load()) }

// BoundSends changes how many sends may be under way at once, 0: any. Those that are go on.
func (s *Service) LimitSends(most int) { s.sending.bound.Store(int64(most)) }

// Crowded is NotSent for a send that comes while as many are under way as may be, else nil; it spends nothing on it.
func (s *Service) SendOverloaded(ctx context.Context) error {
	if !s.sending.full() {
		return nil
	}
	err := s.tooMany(ctx)
	if s.observer != nil {
		s.observer.Sent(ctx, Message{}, resultOf(Message{}, err), s.now(), err)
	}
	return err
}

var errNoPlace = errors.New("as many direct writes are under way as may be")

// refusalsInterval is how often an overload is logged: each line would cost what the refusal saves.
const refusalsInterval = 10 // seconds

// tooMany refuses a send before it costs anything, so that those under way aren't slowed. Not all are told to come back at the same moment.
func (s *Service) tooMany(ctx context.Context) error {
	now, last := s.now().Unix(), s.refusals.Load()
	if now-last >= refusalsInterval && s.refusals.CompareAndSwap(last, now) {
		s.logger.WarnContext(ctx, "more sends at once than there are places: some are refused", "bound", s.sending.bound.Load())
	}
	return &Error{Kind: KindNotSent, RetryAfter: time.Duration(1+rand.IntN(3)) * time.Second, // #nosec G404 -- a delay, not a secret
		Detail: "More is being said than Parley can take at once. Your words stay here; try again in a few seconds."}
}
