package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// friendKeyset is the last friend of a page.
type friendKeyset struct {
	Name string    `json:"n"`
	ID   uuid.UUID `json:"i"`
}

// Friends reads a page of a person's friends, by folded name. It reads one row more
// than the page has, to know whether another page follows.
func (s *Store) Friends(ctx context.Context, person uuid.UUID, page string, limit int) (chat.FriendPage, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	after, err := decodePage[friendKeyset](page)
	if err != nil {
		return chat.FriendPage{}, err
	}
	rows, err := s.q.Friends(ctx, queries.FriendsParams{
		Person:    person,
		AfterName: after.Name,
		AfterID:   after.ID,
		MaxRows:   int32(limit) + 1,
	})
	if err != nil {
		return chat.FriendPage{}, mapError(err)
	}

	result := chat.FriendPage{Friends: []chat.Friend{}}
	for i, row := range rows {
		if i == limit {
			last := rows[i-1]
			result.Next = encodePage(friendKeyset{last.FoldedName, last.ID})
			break
		}
		result.Friends = append(result.Friends, chat.Friend{
			Person:         chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
			Presence:       chat.PresenceUnknown,
			ConversationID: row.ConversationID,
		})
	}
	return result, nil
}

// FriendIDs reads all of a person's friends.
func (s *Store) FriendIDs(ctx context.Context, person uuid.UUID) ([]uuid.UUID, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	ids, err := s.q.FriendIDs(ctx, person)
	return ids, mapError(err)
}

// Unfriend ends a friendship, behind the lock of the two people.
func (s *Store) Unfriend(ctx context.Context, person, friend uuid.UUID) (end chat.FriendshipEnd, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.tx(ctx, func(q *queries.Queries) error {
		if _, err := lockPair(ctx, q, person, friend); err != nil {
			return err
		}
		end, err = endFriendship(ctx, q, person, friend)
		return err
	})
	return end, err
}

// endFriendship deletes a friendship, if there is one, keeps the last views of the two,
// and returns the conversation that becomes read-only with it. The caller has locked
// the pair and the people.
func endFriendship(ctx context.Context, q *queries.Queries, one, other uuid.UUID) (chat.FriendshipEnd, error) {
	low, high := pair(one, other)
	deleted, err := q.Unfriend(ctx, queries.UnfriendParams{Low: low, High: high})
	if err != nil || deleted == 0 {
		return chat.FriendshipEnd{}, err
	}

	people, err := q.People(ctx, []uuid.UUID{one, other})
	if err != nil {
		return chat.FriendshipEnd{}, err
	}
	end := chat.FriendshipEnd{Friends: true, One: chat.Person{ID: one}, Other: chat.Person{ID: other}}
	for _, row := range people {
		switch row.ID {
		case one:
			end.One = chat.Person(row)
		case other:
			end.Other = chat.Person(row)
		}
	}

	id, err := q.DirectConversation(ctx, queries.DirectConversationParams{Low: low, High: high})
	if chat.KindOf(mapError(err)) == chat.KindNotFound {
		return end, nil
	}
	if err != nil {
		return end, err
	}
	end.ConversationID = &id
	return end, q.KeepLastViews(ctx, queries.KeepLastViewsParams{
		ConversationIds: []uuid.UUID{id},
		People:          []uuid.UUID{one, other},
	})
}
