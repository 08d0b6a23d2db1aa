package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Picture finds a picture by its hash.
func (s *Store) Picture(ctx context.Context, hash string) (chat.Picture, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.Picture(ctx, hash)
	if err != nil {
		return chat.Picture{}, mapError(err)
	}
	return chat.Picture{Hash: row.Hash, MediaType: row.MediaType, Content: row.Content}, nil
}

// SetPicture makes a picture the person's.
func (s *Store) SetPicture(ctx context.Context, person uuid.UUID, p chat.Picture) error {
	_, err := s.setPicture(ctx, person, p, false)
	return err
}

// OfferPicture makes it the person's if they never had nor removed one.
func (s *Store) OfferPicture(ctx context.Context, person uuid.UUID, p chat.Picture) (bool, error) {
	return s.setPicture(ctx, person, p, true)
}

// WantsPicture tells whether an offer would be taken.
func (s *Store) WantsPicture(ctx context.Context, person uuid.UUID) (bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.PictureOf(ctx, person)
	return err == nil && !row.PictureChosen, mapError(err)
}

// RemovePicture leaves the person without one.
func (s *Store) RemovePicture(ctx context.Context, person uuid.UUID) error {
	return s.SetPicture(ctx, person, chat.Picture{})
}

func (s *Store) setPicture(ctx context.Context, person uuid.UUID, p chat.Picture, offer bool) (changed bool, err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	err = s.tx(ctx, func(q *queries.Queries) error {
		changed, err = swapPicture(ctx, q, person, p, offer)
		return err
	})
	return changed && err == nil, err
}

// swapPicture keeps the new picture, names it, then drops the old one unless somebody else has it. Both are locked first, by statements of
// their own, so that the last one sees who took the old one in the meantime; and in one order, so that two who swap don't wait for each other.
func swapPicture(ctx context.Context, q *queries.Queries, person uuid.UUID, p chat.Picture, offer bool) (bool, error) {
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
