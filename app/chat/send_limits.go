package chat

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// SendsInFlight returns how many sends are in progress in this replica.
func (s *Messages) SendsInFlight() int { return s.inFlight.Count() }

// LimitSends changes how many sends may be in flight; 0 is unlimited. Sends in
// progress continue.
func (s *Messages) LimitSends(n int) { s.inFlight.SetMax(n) }

// SendOverloaded returns NotSent when the maximum of sends is in flight, else nil.
// It costs almost nothing, so callers use it before they read a request.
func (s *Messages) SendOverloaded(ctx context.Context) error {
	if !s.inFlight.Full() {
		return nil
	}
	err := s.overloaded(ctx)
	s.observer.Sent(ctx, Message{}, resultOf(Message{}, err), s.now(), err)
	return err
}

// overloadLogInterval limits the warnings, because each one would cost as much as
// the rejection saves.
const overloadLogInterval = 10 // seconds

// overloaded rejects a send before any work, so that the sends in flight are not
// slowed. The delay is random, so that clients don't retry at the same moment.
func (s *Messages) overloaded(ctx context.Context) error {
	now, last := s.now().Unix(), s.warnedAt.Load()
	if now-last >= overloadLogInterval && s.warnedAt.CompareAndSwap(last, now) {
		s.logger.WarnContext(ctx, "sends rejected: in-flight limit reached", "limit", s.inFlight.Max())
	}

	return &Error{
		Kind:       KindNotSent,
		RetryAfter: time.Duration(1+rand.IntN(3)) * time.Second, // #nosec G404 -- a delay, not a secret
		Detail:     "More is being said than Parley can take at once. Your words stay here; try again in a few seconds.",
	}
}

// allow spends a token of the sender and one of the conversation, or neither.
func (s *Messages) allow(ctx context.Context, sender, conversation uuid.UUID) error {
	cancel, err := s.people.Reserve(ctx, sender)
	if err != nil {
		return tooFast(err)
	}

	if err := s.conversations.Take(ctx, conversation); err != nil {
		cancel()
		return tooFast(err)
	}

	return nil
}
