package chat

import (
	"context"
	"errors"
	"math/rand/v2"
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

var errNoPlace = errors.New("as many direct writes are under way as may be")

// refusalsEvery is how often an overload is logged: each line would cost what the refusal saves.
const refusalsEvery = 10 // seconds

// tooMany refuses a send before it costs anything, so that those under way aren't slowed. Not all are told to come back at the same moment.
func (s *Service) tooMany(ctx context.Context) error {
	now, last := s.now().Unix(), s.refusals.Load()
	if now-last >= refusalsEvery && s.refusals.CompareAndSwap(last, now) {
		s.logger.WarnContext(ctx, "more sends at once than there are places: some are refused", "places", cap(s.sending))
	}
	return &Error{Kind: KindNotSent, RetryAfter: time.Duration(1+rand.IntN(3)) * time.Second,
		Detail: "More is being said than Parley can take at once. Your words stay here; try again in a few seconds."}
}
