package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Membership reads the members of a conversation, or NotFound if it doesn't exist.
func (s *Store) Membership(ctx context.Context, id uuid.UUID) (chat.Membership, error) {
	list, err := s.Memberships(ctx, []uuid.UUID{id})
	if err == nil && len(list) == 0 {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return chat.Membership{}, err
	}
	return list[0], nil
}

// Memberships reads the members of conversations in one query. A conversation that
// doesn't exist is missing from the result.
func (s *Store) Memberships(ctx context.Context, ids []uuid.UUID) ([]chat.Membership, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	rows, err := s.q.Memberships(ctx, ids)
	if err != nil {
		return nil, mapError(err)
	}

	// The rows are ordered by conversation.
	var list []chat.Membership
	for _, row := range rows {
		if n := len(list); n == 0 || list[n-1].ConversationID != row.ConversationID {
			list = append(list, chat.Membership{
				ConversationID: row.ConversationID,
				Writable:       row.Writable,
				CreatedAt:      chat.At(row.CreatedAt),
			})
		}
		m := &list[len(list)-1]
		m.Members = append(m.Members, chat.MemberSettings{
			Person:        chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
			ShareRead:     row.ShareRead,
			SharePresence: row.SharePresence,
			ShareTyping:   row.ShareTyping,
		})
	}
	return list, nil
}

// Counts counts what is new to a person.
func (s *Store) Counts(ctx context.Context, person, current uuid.UUID) (chat.Counts, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	row, err := s.q.Counts(ctx, queries.CountsParams{Person: person, Current: current})
	return chat.Counts(row), mapError(err)
}

// MarkRead moves a member's read mark forward, and the delivered mark with it. It removes
// the mark as unread that it reaches.
func (s *Store) MarkRead(ctx context.Context, person, conversation uuid.UUID, seq int64) (chat.ReadMark, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	row, err := s.q.MarkRead(ctx, queries.MarkReadParams{
		UserID:         person,
		ConversationID: conversation,
		Seq:            seq,
	})
	if err = mapError(err); chat.KindOf(err) == chat.KindNotFound {
		return chat.ReadMark{}, nil
	}
	return chat.ReadMark{Seq: row.ReadSeq, Moved: row.Moved, Unmarked: row.Unmarked}, err
}

// MarkDelivered moves a member's delivered mark forward. It returns the new mark, and
// false if the mark did not move.
func (s *Store) MarkDelivered(ctx context.Context, person, conversation uuid.UUID, seq int64) (int64, bool, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return movedMark(s.q.MarkDelivered(ctx, queries.MarkDeliveredParams{
		UserID:         person,
		ConversationID: conversation,
		Seq:            seq,
	}))
}

func movedMark(seq int64, err error) (int64, bool, error) {
	if err = mapError(err); chat.KindOf(err) == chat.KindNotFound {
		return 0, false, nil
	}
	return seq, err == nil, err
}
