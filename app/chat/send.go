package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// NewMessage is a message as a client sends it.
type NewMessage struct {
	ClientID string
	Body     string
	Draft    bool // a draft of it was saved
}

// ackTimeout is how long a send waits for the log's acknowledgement.
const ackTimeout = 1500 * time.Millisecond

// Send sends a message. Without an error the message is durable and on its way to
// every member. A retry returns the same message. Errors: Invalid (fields body,
// client_id), NotFound, ReadOnly, NotAllowed (in a group), TooFast, Unavailable (the
// membership is unknown, or the tail is full), NotSent (also when too many sends are in
// flight), Unconfirmed.
func (s *Messages) Send(ctx context.Context, sender Person, conversation uuid.UUID, in NewMessage) (Message, error) {
	began := time.Now()
	m, result, err := s.send(ctx, sender, conversation, in)
	s.observer.Sent(ctx, m, result, began, err)
	if err != nil {
		return Message{}, err
	}

	if in.Draft {
		s.deleteSentDraft(ctx, m)
	}

	return m, nil
}

// send returns the message also beside an error, once it has an id.
func (s *Messages) send(
	ctx context.Context, sender Person, conversation uuid.UUID, in NewMessage,
) (Message, Result, error) {
	m, to, err := s.compose(ctx, sender, conversation, in)
	if err != nil {
		return Message{}, resultOf(m, err), err
	}
	defer s.inFlight.Release()

	if sent, ok := s.recent.Get(m.ID); ok {
		return sent, ResultRepeated, nil
	}

	if err := s.allow(ctx, sender.ID, conversation); err != nil {
		return m, resultOf(m, err), err
	}

	m.Trace = s.observer.Accept(ctx, m)
	sent, err := s.sendOnce(ctx, m, to)
	if err != nil {
		return m, resultOf(m, err), err
	}

	return sent, resultOf(sent, nil), nil
}

// compose checks a message and gives it its id. Without an error it has acquired
// inFlight, which its caller releases.
func (s *Messages) compose(
	ctx context.Context, sender Person, conversation uuid.UUID, in NewMessage,
) (m Message, to Membership, err error) {
	clientID, err := ParseClientID(in.ClientID)
	if err != nil {
		return m, to, err
	}

	body, err := NormalizeBody(in.Body)
	if err != nil {
		return m, to, err
	}

	if !s.inFlight.Acquire() {
		return m, to, s.overloaded(ctx)
	}

	to, err = s.access.member(ctx, sender.ID, conversation)
	if err == nil && !to.Writable {
		err = errReadOnly(to)
	}

	if err != nil {
		s.inFlight.Release()
		return m, to, err
	}

	return Message{
		ID:             MessageID(sender.ID, conversation, clientID, body),
		ConversationID: conversation,
		ClientID:       clientID,
		Sender:         sender,
		Body:           body,
		SentAt:         At(s.now()),
		Kind:           MessageText,
	}, to, nil
}

// sendOnce joins the concurrent sends of one message in this process (a double
// click). A client that disconnects ends none of them.
func (s *Messages) sendOnce(ctx context.Context, m Message, to Membership) (Message, error) {
	v, err, _ := s.sends.Do(string(m.ID[:]), func() (any, error) {
		if sent, ok := s.recent.Get(m.ID); ok {
			return sent, nil
		}
		sent, err := s.deliver(context.WithoutCancel(ctx), m, to)
		if err == nil {
			s.recent.Add(m.ID, sent)
		}
		return sent, err
	})
	if err != nil {
		return Message{}, err
	}

	return v.(Message), nil
}

// deliver makes the message durable, then publishes it to the members.
func (s *Messages) deliver(ctx context.Context, m Message, to Membership) (Message, error) {
	if s.bus.TailFull(ctx, m.ConversationID) {
		return Message{}, &Error{
			Kind:       KindUnavailable,
			RetryAfter: 10 * time.Second,
			Detail: "This conversation has more waiting to be stored than it can hold. " +
				"Your words stay here; try again in 10 seconds.",
		}
	}

	ackCtx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	began := time.Now()
	offset, logErr := s.log.Append(ackCtx, m)
	if logErr == nil {
		m.LogOffset = &offset
	}

	s.observer.Appended(m, began, logErr)
	if logErr != nil {
		return s.deliverDirect(ctx, m, to, logErr)
	}

	s.bus.Announce(ctx, m, to.Audience)
	return m, nil
}
