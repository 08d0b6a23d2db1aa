package chat

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// FriendStore keeps friendships.
type FriendStore interface {
	Friends(ctx context.Context, person uuid.UUID, page string, limit int) (FriendPage, error)
	// FriendIDs lists all of somebody's friends, in no order.
	FriendIDs(ctx context.Context, person uuid.UUID) ([]uuid.UUID, error)
	// Unfriend ends a friendship; of people who aren't friends it changes nothing. What they said stays.
	Unfriend(ctx context.Context, person, friend uuid.UUID) (FriendshipEnd, error)
}

// Friend is a person whom one may write to.
type Friend struct {
	Person
	Presence       Presence   `json:"presence"`
	ConversationID *uuid.UUID `json:"conversation_id"` // null until one of them opened it
}

// FriendPage is a part of somebody's friends, by folded name. Next continues it, "" at the end.
type FriendPage struct {
	Friends []Friend
	Page    string // which part this is, "" the first
	Next    string
}

// FriendshipEnd is what ended between two people.
type FriendshipEnd struct {
	One, Other     Person
	Friends        bool             // they were
	ConversationID *uuid.UUID       // theirs, which is closed now
	Requests       []RequestOutcome // that were answered by it
}

// Friends lists the viewer's friends. page is a previous answer's Next, or "".
func (s *Service) Friends(ctx context.Context, viewer Person, page string) (FriendPage, error) {
	p, err := s.store.Friends(ctx, viewer.ID, page, 100)
	p.Page = page
	if err != nil {
		return FriendPage{}, err
	}
	ids := make([]uuid.UUID, len(p.Friends))
	for i, f := range p.Friends {
		ids[i] = f.ID
	}
	for id, a := range s.activities(ctx, viewer.ID, ids) {
		p.Friends[slices.Index(ids, id)].Presence = a.Presence
	}
	return p, nil
}

// FriendIDs lists all of a person's friends.
func (s *Service) FriendIDs(ctx context.Context, person uuid.UUID) ([]uuid.UUID, error) {
	return s.store.FriendIDs(ctx, person)
}

// Unfriend ends a friendship. Their conversation stays, to be read. Doing it twice is no error, nor is doing it to somebody who was none.
func (s *Service) Unfriend(ctx context.Context, viewer Person, friend uuid.UUID) error {
	p, err := s.store.Unfriend(ctx, viewer.ID, friend)
	if err == nil {
		s.tellParting(ctx, p)
	}
	return err
}

func (s *Service) tellParting(ctx context.Context, p FriendshipEnd) {
	for _, o := range p.Requests {
		s.tellRequest(ctx, o)
	}
	if p.Friends {
		s.tellFriends(context.WithoutCancel(ctx), p.One, p.Other, StateNone, p.ConversationID)
	}
}

// tellFriends makes every replica read again who may write in the conversation, then tells both people.
func (s *Service) tellFriends(ctx context.Context, one, other Person, state string, conversation *uuid.UUID) {
	if conversation != nil {
		s.changed(ctx, InvalidateEvent{Conversation: conversation})
	}
	s.bus.Publish(ctx, FriendEvent{Person: other, State: state, ConversationID: conversation}, []uuid.UUID{one.ID})
	s.bus.Publish(ctx, FriendEvent{Person: one, State: state, ConversationID: conversation}, []uuid.UUID{other.ID})
}
