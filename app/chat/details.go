package chat

import (
	"context"

	"github.com/google/uuid"
)

// DetailsStore counts the stored messages of a conversation.
type DetailsStore interface {
	// Numbers reads every stored seq above after, so that its result is observed and
	// not derived. A gap may begin at after+1; without messages Last is 0.
	Numbers(ctx context.Context, conversation uuid.UUID, after int64) (Numbers, error)
}

// Numbers summarizes the seqs of a conversation's stored messages. All are 0 in an
// empty conversation.
type Numbers struct {
	First   int64 `json:"first"`
	Last    int64 `json:"last"`
	Count   int64 `json:"count"`
	Missing []Gap `json:"missing"` // ascending; never null
}

// Gap is a range of missing seqs, both ends included.
type Gap struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// within returns the summary of a part of the conversation, both ends included.
func (n Numbers) within(from, to int64) Numbers {
	part := Numbers{First: max(n.First, from), Last: min(n.Last, to), Missing: []Gap{}}
	if n.Count == 0 || part.First > part.Last {
		return Numbers{Missing: []Gap{}}
	}

	part.Count = part.Last - part.First + 1
	for _, g := range n.Missing {
		g.From, g.To = max(g.From, part.First), min(g.To, part.Last)
		if g.From <= g.To {
			part.Missing = append(part.Missing, g)
			part.Count -= g.To - g.From + 1
		}
	}
	return part
}

// Details describe a conversation.
type Details struct {
	Conversation Conversation
	Numbers      *Numbers // nil: not requested
	Message      *Message // nil: not requested
}

// Details returns a conversation and, if at is not nil, its message with that seq.
// check adds the Numbers, for which the seqs since the last check are read.
func (s *Messages) Details(ctx context.Context, viewer Person, id uuid.UUID, check bool, at *int64) (Details, error) {
	membership, err := s.access.member(ctx, viewer.ID, id)
	if err != nil {
		return Details{}, err
	}

	c, err := s.store.Conversation(ctx, viewer.ID, id)
	d := Details{Conversation: c}
	if err == nil && at != nil {
		d.Message, err = s.messageAt(ctx, viewer.ID, id, *at)
	}

	if err != nil || !check {
		return d, err
	}

	n, err := s.numbers.read(ctx, s.store, c)
	n = n.within(membership.FromSeq, membership.ToSeq)
	d.Numbers = &n
	return d, err
}

func (s *Messages) messageAt(ctx context.Context, viewer, conversation uuid.UUID, seq int64) (*Message, error) {
	messages, _, err := s.store.Messages(ctx, viewer, conversation, Range{At: &seq, Limit: 1})
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
