package postgres

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"parley/db/queries"
)

// dropLastViews makes two friends see each other as they are.
func dropLastViews(ctx context.Context, q *queries.Queries, one, other uuid.UUID) error {
	pictures, err := q.DropLastViews(ctx, queries.DropLastViewsParams{One: one, Other: other})
	if err != nil {
		return err
	}
	return dropPictures(ctx, q, pictures)
}

// emptyLastViews closes the conversations of a deleted account, whose row of users is
// already empty: others see its last marks, and no name and picture. What the account
// last saw of others is deleted.
func emptyLastViews(ctx context.Context, q *queries.Queries, person uuid.UUID) error {
	pictures, err := q.LastViewPictures(ctx, person)
	if err != nil {
		return err
	}
	conversations, err := q.ConversationIDs(ctx, person)
	if err != nil {
		return err
	}

	err = q.KeepLastViews(ctx, queries.KeepLastViewsParams{ConversationIds: conversations, People: []uuid.UUID{person}})
	if err != nil {
		return err
	}
	if err := q.EmptyLastViews(ctx, person); err != nil {
		return err
	}
	if err := q.DeleteLastViewsBy(ctx, person); err != nil {
		return err
	}
	return dropPictures(ctx, q, pictures)
}

// dropPictures deletes those of the pictures that nobody is shown with any more. It
// locks them in the order of their hashes, as swapPicture does.
func dropPictures(ctx context.Context, q *queries.Queries, hashes []string) error {
	slices.Sort(hashes)
	for _, hash := range slices.Compact(hashes) {
		if hash == "" {
			continue
		}
		if err := q.LockPicture(ctx, hash); err != nil {
			return err
		}
		if err := q.DropPicture(ctx, hash); err != nil {
			return err
		}
	}
	return nil
}
