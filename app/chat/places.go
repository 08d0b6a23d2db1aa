package chat

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// SendsInFlight is how many sends are under way.
func (s *Service) SendsInFlight() int { return s.sending.Count() }

// BoundSends changes how many sends may be under way at once, 0: any. Those that are go on.
func (s *Service) LimitSends(most int) { s.sending.SetMax(most) }

// Crowded is NotSent for a send that comes while as many are under way as may be, else nil; it spends nothing on it.
func (s *Service) SendOverloaded(ctx context.Context) error {
	if !s.sending.Full() {
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
		s.logger.WarnContext(ctx, "more sends at once than there are places: some are refused", "bound", s.sending.Max())
	}
	return &Error{Kind: KindNotSent, RetryAfter: time.Duration(1+rand.IntN(3)) * time.Second, // #nosec G404 -- a delay, not a secret
		Detail: "More is being said than Parley can take at once. Your words stay here; try again in a few seconds."}
}
