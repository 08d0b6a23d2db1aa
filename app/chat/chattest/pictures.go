package chattest

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Picture implements chat.Store.
func (s *Store) Picture(_ context.Context, hash string) (chat.Picture, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Picture{}, err
	}
	defer unlock()
	p, ok := s.pictures[hash]
	if !ok {
		return chat.Picture{}, chat.ErrNotFound()
	}

	return p, nil
}

// SetPicture implements chat.Store.
func (s *Store) SetPicture(_ context.Context, person uuid.UUID, p chat.Picture) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return s.setPicture(person, p)
}

// OfferPicture implements chat.Store.
func (s *Store) OfferPicture(_ context.Context, person uuid.UUID, p chat.Picture) (bool, error) {
	unlock, err := s.lock()
	if err != nil || s.chosen[person] {
		unlock()
		return false, err
	}
	defer unlock()
	err = s.setPicture(person, p)
	return err == nil, err
}

// WantsPicture implements chat.Store.
func (s *Store) WantsPicture(_ context.Context, person uuid.UUID) (bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	if _, ok := s.person(person); !ok {
		return false, chat.ErrNotFound()
	}

	return !s.chosen[person], nil
}

// RemovePicture implements chat.Store.
func (s *Store) RemovePicture(_ context.Context, person uuid.UUID) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return s.setPicture(person, chat.Picture{})
}

// setPicture sets a picture and deletes the previous one if nobody else uses it.
func (s *Store) setPicture(person uuid.UUID, p chat.Picture) error {
	before, _ := s.person(person)
	if err := s.changePerson(person, func(who *chat.Person) { who.Picture = p.Hash }); err != nil {
		return err
	}

	s.chosen[person] = true
	s.dropPicture(before.Picture)
	if p.Hash != "" {
		s.pictures[p.Hash] = p
	}

	return nil
}
