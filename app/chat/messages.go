package chat

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Message is one thing said. In JSON this is its shape everywhere: in answers, in events, and in the tail.
type Message struct {
	ID             uuid.UUID `json:"id"`
	ConversationID uuid.UUID `json:"conversation_id"`
	Seq            *int64    `json:"seq"`        // from 1, gapless in its conversation; null until stored
	LogOffset      *int64    `json:"log_offset"` // its place in the conversation's log partition; null if it never was in the log
	ClientID       uuid.UUID `json:"client_id"`
	Sender         Person    `json:"sender"`
	Body           string    `json:"body"`
	SentAt         Timestamp `json:"sent_at"` // when the first replica took it
	Trace          string    `json:"-"`       // the traceparent that travels beside it; "" for none, and of what was read back
}

// MessageStore keeps messages.
type MessageStore interface {
	// Messages reads a page, ascending by seq; newest tells that no later one is stored.
	Messages(ctx context.Context, conversation uuid.UUID, r Range) (messages []Message, newest bool, err error)
	// Known tells which of the messages are stored.
	Known(ctx context.Context, conversation uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error)
	// StoreDirect numbers and stores messages of one conversation in the given order, dropping those known, in one transaction
	// behind the conversation's advisory lock. Its answer names all of them, with Offsets of those that have one.
	StoreDirect(ctx context.Context, conversation uuid.UUID, messages []Message) (StoredConversation, error)
}

// NewMessage is what a page posts.
type NewMessage struct {
	ClientID string
	Body     string
	Draft    bool // a draft of it was saved
}

// How long a send may take: the acknowledgement first, then a place for a direct write, and the write.
const (
	ackTimeout    = 1500 * time.Millisecond
	directWait    = 500 * time.Millisecond
	directTimeout = 3 * time.Second
)

// Send takes a message. When it returns one, the message is durable and on its way to every member; a retry returns the same
// message again. Errors: Invalid (fields body, client_id), NotFound, NotFriends, TooFast, Unavailable (membership unknown, tail
// full), NotSent (also when too many send at once), Unconfirmed.
func (s *Service) Send(ctx context.Context, sender Person, conversation uuid.UUID, in NewMessage) (Message, error) {
	began := time.Now()
	m, result, err := s.send(ctx, sender, conversation, in)
	if s.observer != nil {
		s.observer.Sent(ctx, m, result, began, err)
	}
	if err != nil {
		return Message{}, err
	}
	if in.Draft {
		s.forgetDraft(ctx, m)
	}
	return m, nil
}

// send answers with an error the message too, once it has an id.
func (s *Service) send(ctx context.Context, sender Person, conversation uuid.UUID, in NewMessage) (Message, Result, error) {
	m, to, err := s.compose(ctx, sender, conversation, in)
	if err != nil {
		return Message{}, resultOf(m, err), err
	}
	defer s.sending.Release()
	if sent, ok := s.recent.Get(m.ID); ok {
		return sent, ResultRepeated, nil
	}
	if err := s.limits.allowMessage(ctx, sender.ID, conversation); err != nil {
		return m, resultOf(m, err), err
	}
	if s.observer != nil {
		m.Trace = s.observer.Accept(ctx, m)
	}
	sent, err := s.sendOnce(ctx, m, to)
	if err != nil {
		return m, resultOf(m, err), err
	}
	return sent, resultOf(sent, nil), nil
}

// compose names a message that may be sent. Without an error it has entered the sends under way, which its caller leaves.
func (s *Service) compose(ctx context.Context, sender Person, conversation uuid.UUID, in NewMessage) (m Message, to Membership, err error) {
	clientID, err := ParseClientID(in.ClientID)
	if err != nil {
		return m, to, err
	}
	body, err := NormalizeBody(in.Body)
	if err != nil {
		return m, to, err
	}
	if !s.sending.Acquire() {
		return m, to, s.tooMany(ctx)
	}
	to, err = s.member(ctx, sender.ID, conversation)
	if err == nil && !to.Writable {
		err = &Error{Kind: KindReadOnly, Detail: "You can read, but not write."}
	}
	if err != nil {
		s.sending.Release()
		return m, to, err
	}
	return Message{
		ID:             MessageID(sender.ID, conversation, clientID, body),
		ConversationID: conversation, ClientID: clientID, Sender: sender, Body: body, SentAt: At(s.now()),
	}, to, nil
}

// sendOnce joins the sends of one message that are under way in this process (a double click), and lets none of them be ended by
// the other's leaving.
func (s *Service) sendOnce(ctx context.Context, m Message, to Membership) (Message, error) {
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

// deliver makes the message durable, then tells the members.
func (s *Service) deliver(ctx context.Context, m Message, to Membership) (Message, error) {
	if s.bus.TailFull(ctx, m.ConversationID) {
		return Message{}, &Error{Kind: KindUnavailable, RetryAfter: 10 * time.Second,
			Detail: "This conversation has more waiting to be stored than it can hold. Your words stay here; try again in 10 seconds."}
	}
	ackCtx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	began := time.Now()
	offset, logErr := s.log.Append(ackCtx, m)
	if logErr == nil {
		m.LogOffset = &offset
	}
	if s.observer != nil {
		s.observer.Appended(m, began, logErr)
	}
	if logErr == nil {
		s.bus.Announce(ctx, m, to.IDs())
		return m, nil
	}
	return s.deliverDirect(ctx, m, to, logErr)
}

// deliverDirect stores the message without the log. What was acknowledged earlier and waits in the tail is stored before it,
// so that it stays earlier; the log's writer drops it later as known. Only so many write at once: the store's connections are for others too.
func (s *Service) deliverDirect(ctx context.Context, m Message, to Membership, logErr error) (Message, error) {
	if !s.direct.Acquire(directWait) {
		return Message{}, sendFailed(logErr, errNoPlace)
	}
	defer s.direct.Release()
	ctx, cancel := context.WithTimeout(ctx, directTimeout)
	defer cancel()
	tail, _ := s.bus.Pending(ctx, m.ConversationID) // with the bus away too, others' are in storing order
	began := time.Now()
	stored, err := s.storeAfter(ctx, tail, m)
	if err != nil {
		return Message{}, sendFailed(logErr, err)
	}
	m.Seq = stored[len(stored)-1].Seq(m.ID)
	if s.observer != nil {
		s.observer.StoredDirect(m, stored, began, time.Now())
	}
	s.bus.Announce(ctx, m, to.IDs())
	s.bus.Stored(ctx, stored)
	return m, nil
}

// storeAfter stores a message behind the tail that it found. A member of the tail that can't be stored for its content is passed over: the log's
// writer returns it to its sender.
func (s *Service) storeAfter(ctx context.Context, tail []Message, m Message) ([]StoredConversation, error) {
	whole, err := s.store.StoreDirect(ctx, m.ConversationID, append(tail, m))
	if !errors.Is(err, ErrContent) || len(tail) == 0 {
		return []StoredConversation{whole}, err
	}
	var all []StoredConversation
	for _, one := range append(tail, m) {
		stored, err := s.store.StoreDirect(ctx, m.ConversationID, []Message{one})
		if err != nil && (one.ID == m.ID || !errors.Is(err, ErrContent)) {
			return nil, err
		}
		if err == nil {
			all = append(all, stored)
		}
	}
	return all, nil
}

// sendFailed tells "nobody was given it" from "it may yet appear".
func sendFailed(logErr, storeErr error) error {
	cause := errors.Join(logErr, storeErr)
	if errors.Is(cause, ErrUnknownOutcome) {
		return &Error{Kind: KindUnconfirmed, RetryAfter: 2 * time.Second, Err: cause,
			Detail: "Not confirmed. It may have gone out; sending it again can’t double it."}
	}
	return &Error{Kind: KindNotSent, RetryAfter: 2 * time.Second, Err: cause,
		Detail: "Not sent. Your words are kept here."}
}
