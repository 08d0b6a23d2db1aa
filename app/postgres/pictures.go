package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Picture reads a picture by its hash.
func (s *Store) Picture(ctx context.Context, hash string) (chat.Picture, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	row, err := s.q.Picture(ctx, hash)
	return chat.Picture(row), mapError(err)
}

// SetPicture stores a picture and makes it the person's.
func (s *Store) SetPicture(ctx context.Context, person uuid.UUID, p chat.Picture) error {
	_, err := s.setPicture(ctx, person, p, false)
	return err
}

// OfferPicture is SetPicture for a person who has never set or removed a picture.
// It reports whether it changed the picture.
func (s *Store) OfferPicture(ctx context.Context, person uuid.UUID, p chat.Picture) (bool, error) {
	return s.setPicture(ctx, person, p, true)
}

// WantsPicture reports whether OfferPicture would change the picture.
func (s *Store) WantsPicture(ctx context.Context, person uuid.UUID) (bool, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	row, err := s.q.PictureOf(ctx, person)
	return err == nil && !row.PictureChosen, mapError(err)
}

// RemovePicture leaves the person without a picture.
func (s *Store) RemovePicture(ctx context.Context, person uuid.UUID) error {
	return s.SetPicture(ctx, person, chat.Picture{})
}

func (s *Store) setPicture(
	ctx context.Context, person uuid.UUID, p chat.Picture, offer bool,
) (changed bool, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	err = s.tx(ctx, func(q *queries.Queries) error {
		changed, err = swapPicture(ctx, q, person, p, offer)
		return err
	})
	return changed && err == nil, err
}

// swapPicture stores the new picture, sets it for the person, then deletes the old
// one unless another person has it.
//
// Both pictures are locked before, by statements of their own, so that the deletion
// sees who has set the old picture in the meantime. They are locked in the order of
// their hashes, so that two swaps don't deadlock.
func swapPicture(
	ctx context.Context, q *queries.Queries, person uuid.UUID, p chat.Picture, offer bool,
) (bool, error) {
	row, err := q.LockPictureOf(ctx, person)
	if err != nil || offer && row.PictureChosen {
		return false, err
	}

	before := row.Picture
	if before != "" && before < p.Hash {
		err = q.LockPicture(ctx, before)
	}
	if err == nil && p.Hash != "" {
		err = q.SavePicture(ctx, queries.SavePictureParams{Hash: p.Hash, MediaType: p.MediaType, Content: p.Content})
	}
	if err == nil && before > p.Hash {
		err = q.LockPicture(ctx, before)
	}

	if err == nil {
		err = q.SetPictureOf(ctx, queries.SetPictureOfParams{ID: person, Picture: p.Hash})
	}
	if err == nil && before != p.Hash {
		err = q.DropPicture(ctx, before)
	}
	return err == nil, err
}
