package postgres

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/db/queries"
)

// DeleteAccount empties a person's row and removes what is theirs alone, in one transaction. The row is locked first: of two deletions the second finds
// nothing, and a sign-in under way is either seen here or refused.
func (s *Store) DeleteAccount(ctx context.Context, person uuid.UUID) (chat.Deletion, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var gone chat.Deletion
	err := s.tx(ctx, func(q *queries.Queries) (err error) {
		row, err := q.LockPictureOf(ctx, person)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = q.EmptyUser(ctx, queries.EmptyUserParams{Person: person, Name: chat.DeletedName})
		}
		if err == nil && row.Picture != "" {
			err = q.LockPicture(ctx, row.Picture) // as swapPicture does
		}
		if err == nil {
			err = q.DropPicture(ctx, row.Picture)
		}
		if err != nil {
			return err
		}
		for _, remove := range []func(context.Context, uuid.UUID) error{q.DeleteIdentities, q.DeleteRequests, q.DeleteBlocks, q.DeleteDrafts, q.DeleteReturned} {
			if err := remove(ctx, person); err != nil {
				return err
			}
		}
		if gone.Sessions, err = q.DeleteSessions(ctx, person); err != nil {
			return err
		}
		gone.Friends, err = q.DeleteFriendships(ctx, person)
		return err
	})
	if err != nil {
		return chat.Deletion{}, err
	}
	return gone, nil
}
