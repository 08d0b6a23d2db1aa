package chat

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// FriendStore keeps friendships.
type FriendStore interface {
	Friends(ctx context.Context, person uuid.UUID, page string, limit int) (FriendPage, error)
	// FriendIDs lists all of them.
	FriendIDs(ctx context.Context, person uuid.UUID) ([]uuid.UUID, error)
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
	Next    string
}

// Friends lists the viewer's friends. page is a previous answer's Next, or "".
func (s *Service) Friends(ctx context.Context, viewer Person, page string) (FriendPage, error) {
	p, err := s.store.Friends(ctx, viewer.ID, page, 100)
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
