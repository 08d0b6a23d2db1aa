package chat

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// FriendStore keeps friendships.
type FriendStore interface {
	// Friends returns a page of a person's friends. Invalid (field page): a cursor that
	// it didn't return.
	Friends(ctx context.Context, person uuid.UUID, page string, limit int) (FriendPage, error)
	// FriendIDs returns all of a person's friends, in no order.
	FriendIDs(ctx context.Context, person uuid.UUID) ([]uuid.UUID, error)
	// Unfriend ends a friendship and keeps the messages. For people who are not friends
	// it changes nothing.
	Unfriend(ctx context.Context, person, friend uuid.UUID) (FriendshipEnd, error)
}

// Friend is a person whom the viewer may write to.
type Friend struct {
	Person
	Presence       Presence   `json:"presence"`
	ConversationID *uuid.UUID `json:"conversation_id"` // null until one of them opened it
}

// FriendPage is a page of a person's friends, by folded name.
type FriendPage struct {
	Friends []Friend
	Page    string // cursor of this page; "": the first
	Next    string // cursor of the next page; "": this is the last one
}

// FriendshipEnd is what ended between two people.
type FriendshipEnd struct {
	One, Other     Person
	Friends        bool             // they were friends
	ConversationID *uuid.UUID       // theirs, now read-only
	Requests       []RequestOutcome // that it answered
}

// friendsPage is how many friends a page has.
const friendsPage = 100

// Friends returns a page of the viewer's friends with their presence. page is the
// Next of a previous page, or "".
func (s *People) Friends(ctx context.Context, viewer Person, page string) (FriendPage, error) {
	p, err := s.store.Friends(ctx, viewer.ID, page, friendsPage)
	p.Page = page
	if err != nil {
		return FriendPage{}, err
	}

	ids := make([]uuid.UUID, len(p.Friends))
	for i, f := range p.Friends {
		ids[i] = f.ID
	}

	for id, a := range s.Activities(ctx, viewer.ID, ids) {
		p.Friends[slices.Index(ids, id)].Presence = a.Presence
	}

	return p, nil
}

// Unfriend ends a friendship. The conversation becomes read-only. For a person who is
// not a friend it changes nothing.
func (s *People) Unfriend(ctx context.Context, viewer Person, friend uuid.UUID) error {
	end, err := s.store.Unfriend(ctx, viewer.ID, friend)
	if err == nil {
		s.publishEnd(ctx, end)
	}
	return err
}

func (s *People) publishEnd(ctx context.Context, end FriendshipEnd) {
	for _, o := range end.Requests {
		s.publishRequest(ctx, o, end.One.ID)
	}
	if end.Friends {
		ctx = context.WithoutCancel(ctx)
		s.publishFriendship(ctx, end.One.ID, [2]Person{end.One, end.Other}, StateNone, end.ConversationID)
	}
}

// publishFriendship invalidates the conversation's membership on every replica, then
// notifies both people of what one of them did.
func (s *People) publishFriendship(
	ctx context.Context, by uuid.UUID, people [2]Person, state string, conversation *uuid.UUID,
) {
	if conversation != nil {
		s.access.changed(ctx, InvalidateEvent{Conversation: conversation})
	}
	for i, to := range people {
		e := FriendEvent{Person: people[1-i], State: state, ConversationID: conversation, Mine: to.ID == by}
		s.bus.Publish(ctx, e, ToPeople(to.ID))
	}
}
