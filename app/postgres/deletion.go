package postgres

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/db/queries"
)

// DeleteAccount empties a person's row and deletes the data that belongs to them
// alone, in one transaction. The row is locked before that, so that of two deletions the
// second finds nothing, and a concurrent sign-in is either deleted with it or
// rejected. Groups are left before the row is locked, because whoever writes there needs
// the row, and once more after it, because the person may have been added meanwhile.
func (s *Store) DeleteAccount(ctx context.Context, person uuid.UUID) (chat.Deletion, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	var deletion chat.Deletion
	err := s.tx(ctx, func(q *queries.Queries) (err error) {
		if deletion.Groups, err = leaveGroups(ctx, q, person); err != nil {
			return err
		}
		user, err := q.LockPictureOf(ctx, person)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		late, err := leaveGroups(ctx, q, person)
		if err != nil {
			return err
		}
		deletion.Groups = append(deletion.Groups, late...)
		if err := emptyAccount(ctx, q, person, user.Picture); err != nil {
			return err
		}

		if deletion.Sessions, err = q.DeleteSessions(ctx, person); err != nil {
			return err
		}
		deletion.Friends, err = q.DeleteFriendships(ctx, person)
		return err
	})
	if err != nil {
		return chat.Deletion{}, err
	}
	return deletion, nil
}

func emptyAccount(ctx context.Context, q *queries.Queries, person uuid.UUID, picture string) error {
	if err := q.EmptyUser(ctx, queries.EmptyUserParams{Person: person, Name: chat.DeletedName}); err != nil {
		return err
	}
	if picture != "" {
		if err := q.LockPicture(ctx, picture); err != nil { // as in swapPicture
			return err
		}
	}
	if err := q.DropPicture(ctx, picture); err != nil {
		return err
	}

	if err := emptyLastViews(ctx, q, person); err != nil {
		return err
	}
	if err := q.DeleteRequests(ctx, person); err != nil {
		return err
	}
	if err := keepIdentities(ctx, q, person); err != nil {
		return err
	}

	for _, remove := range []func(context.Context, uuid.UUID) error{
		q.DeleteIdentities,
		q.DeleteBlocks,
		q.DeleteDrafts,
		q.DeleteJoinRequests,
		q.DeleteArrangements,
		q.DeleteReturned,
	} {
		if err := remove(ctx, person); err != nil {
			return err
		}
	}
	return nil
}
