package chat

import (
	"context"
	"errors"
	"time"
)

// Limits of a write without the log: the wait for a slot, then the write itself.
const (
	directWait    = 500 * time.Millisecond
	directTimeout = 3 * time.Second
)

var errDirectWritesFull = errors.New("all slots for direct writes are in use")

// deliverDirect stores the message without the log. Messages that were acknowledged
// earlier and wait in the tail are stored before it, so that they stay earlier; the
// log's writer drops them later as known. The number of direct writes is limited
// because other queries need the store's connections too.
func (s *Messages) deliverDirect(ctx context.Context, m Message, to Membership, logErr error) (Message, error) {
	if !s.direct.Acquire(ctx, directWait) {
		return Message{}, sendFailed(logErr, errDirectWritesFull)
	}
	defer s.direct.Release()
	ctx, cancel := context.WithTimeout(ctx, directTimeout)
	defer cancel()

	// While the bus is down too, the messages of other replicas get the order in which
	// they are stored.
	tail, _ := s.bus.Pending(ctx, m.ConversationID)
	began := time.Now()
	stored, err := s.storeAfter(ctx, tail, m)
	if err != nil {
		return Message{}, sendFailed(logErr, err)
	}

	m.Seq = stored[len(stored)-1].Seq(m.ID)
	s.observer.StoredDirect(m, stored, began, time.Now())
	s.bus.Announce(ctx, m, to.Audience)
	s.bus.Stored(ctx, stored)
	return m, nil
}

// storeAfter stores the tail, then the message. It skips messages of the tail that
// can't be stored because of their content: the log's writer returns them to their
// senders.
func (s *Messages) storeAfter(ctx context.Context, tail []Message, m Message) ([]StoredConversation, error) {
	whole, err := s.store.StoreDirect(ctx, m.ConversationID, append(tail, m))
	if !errors.Is(err, ErrContent) || len(tail) == 0 {
		return []StoredConversation{whole}, err
	}

	all, err := s.storeEach(ctx, tail)
	if err != nil {
		return nil, err
	}
	stored, err := s.store.StoreDirect(ctx, m.ConversationID, []Message{m})
	return append(all, stored), err
}

// storeTail stores the messages of a tail, as storeAfter does.
func (s *Messages) storeTail(ctx context.Context, tail []Message) ([]StoredConversation, error) {
	whole, err := s.store.StoreDirect(ctx, tail[0].ConversationID, tail)
	if errors.Is(err, ErrContent) {
		return s.storeEach(ctx, tail)
	}
	return []StoredConversation{whole}, err
}

func (s *Messages) storeEach(ctx context.Context, tail []Message) (all []StoredConversation, err error) {
	for _, one := range tail {
		stored, err := s.store.StoreDirect(ctx, one.ConversationID, []Message{one})
		switch {
		case err == nil:
			all = append(all, stored)
		case !errors.Is(err, ErrContent):
			return nil, err
		}
	}
	return all, nil
}

// sendFailed returns Unconfirmed when log or store may have the message, else
// NotSent.
func sendFailed(logErr, storeErr error) error {
	cause := errors.Join(logErr, storeErr)
	if errors.Is(cause, ErrUnknownOutcome) {
		return &Error{
			Kind:       KindUnconfirmed,
			RetryAfter: 2 * time.Second,
			Err:        cause,
			Detail:     "Not confirmed. It may have gone out; sending it again can’t double it.",
		}
	}

	return &Error{
		Kind:       KindNotSent,
		RetryAfter: 2 * time.Second,
		Err:        cause,
		Detail:     "Not sent. Your words are kept here.",
	}
}
