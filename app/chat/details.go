package chat

import (
	"context"

	"github.com/google/uuid"
)

// DetailsStore counts what is kept of a conversation.
type DetailsStore interface {
	// Numbers reads every number that is stored, so that what it answers was seen, not remembered.
	Numbers(ctx context.Context, conversation uuid.UUID) (Numbers, error)
}

// Numbers are those of a conversation's stored messages. Nothing said yet: all 0.
type Numbers struct {
	First   int64 `json:"first"`
	Last    int64 `json:"last"`
	Count   int64 `json:"count"`
	Missing []Gap `json:"missing"` // ascending; never null
}

// Gap is a run of numbers that nothing has, its ends included.
type Gap struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Details are a conversation with, when they were asked for, its numbers.
type Details struct {
	Conversation Conversation
	Numbers      *Numbers
	Message      *Message // one of it, when it was asked for
}

// Details answers what there is to know of a conversation, and of its message of the number at. check reads through all of its numbers.
func (s *Service) Details(ctx context.Context, viewer Person, id uuid.UUID, check bool, at *int64) (Details, error) {
	if _, err := s.member(ctx, viewer.ID, id); err != nil {
		return Details{}, err
	}
	c, err := s.store.Conversation(ctx, viewer.ID, id)
	d := Details{Conversation: c}
	if err == nil && at != nil {
		d.Message, err = s.messageAt(ctx, id, *at)
	}
	if err != nil || !check {
		return d, err
	}
	n, err := s.store.Numbers(ctx, id)
	d.Numbers = &n
	return d, err
}

func (s *Service) messageAt(ctx context.Context, conversation uuid.UUID, seq int64) (*Message, error) {
	messages, _, err := s.store.Messages(ctx, conversation, Range{At: &seq, Limit: 1})
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		if m.Seq != nil && *m.Seq == seq {
			return &m, nil
		}
	}
	return nil, ErrNotFound()
}
