package store

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

type friendKeyset struct {
	Name string    `json:"n"`
	ID   uuid.UUID `json:"i"`
}

// Friends lists a person's friends by folded name.
func (s *Store) Friends(ctx context.Context, person uuid.UUID, page string, limit int) (chat.FriendPage, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	after, err := decodePage[friendKeyset](page)
	if err != nil {
		return chat.FriendPage{}, err
	}
	rows, err := s.q.Friends(ctx, queries.FriendsParams{Person: person, AfterName: after.Name, AfterID: after.ID, Most: int32(limit) + 1})
	if err != nil {
		return chat.FriendPage{}, failed(err)
	}
	result := chat.FriendPage{Friends: []chat.Friend{}}
	for i, row := range rows {
		if i == limit {
			last := rows[i-1]
			result.Next = encodePage(friendKeyset{last.FoldedName, last.ID})
			break
		}
		result.Friends = append(result.Friends, chat.Friend{
			Person: chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture}, Presence: chat.PresenceUnknown, ConversationID: row.ConversationID,
		})
	}
	return result, nil
}

// FriendIDs lists all of a person's friends.
func (s *Store) FriendIDs(ctx context.Context, person uuid.UUID) ([]uuid.UUID, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	ids, err := s.q.FriendIDs(ctx, person)
	return ids, failed(err)
}
