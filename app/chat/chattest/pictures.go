package chattest

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Store) Picture(_ context.Context, hash string) (chat.Picture, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Picture{}, err
	}
	defer leave()
	p, ok := s.pictures[hash]
	if !ok {
		return chat.Picture{}, chat.ErrNotFound()
	}
	return p, nil
}

func (s *Store) SetPicture(_ context.Context, person uuid.UUID, p chat.Picture) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	return s.setPicture(person, p)
}

func (s *Store) OfferPicture(_ context.Context, person uuid.UUID, p chat.Picture) (bool, error) {
	leave, err := s.enter()
	if err != nil || s.chosen[person] {
		leave()
		return false, err
	}
	defer leave()
	err = s.setPicture(person, p)
	return err == nil, err
}

func (s *Store) WantsPicture(_ context.Context, person uuid.UUID) (bool, error) {
	leave, err := s.enter()
	if err != nil {
		return false, err
	}
	defer leave()
	if _, ok := s.person(person); !ok {
		return false, chat.ErrNotFound()
	}
	return !s.chosen[person], nil
}

func (s *Store) RemovePicture(_ context.Context, person uuid.UUID) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	return s.setPicture(person, chat.Picture{})
}

// setPicture also drops the one before, if nobody else has it.
func (s *Store) setPicture(person uuid.UUID, p chat.Picture) error {
	before, _ := s.person(person)
	if err := s.changePerson(person, func(who *chat.Person) { who.Picture = p.Hash }); err != nil {
		return err
	}
	s.chosen[person] = true
	for _, other := range s.identities {
		if other.Picture == before.Picture {
			before.Picture = ""
		}
	}
	delete(s.pictures, before.Picture)
	if p.Hash != "" {
		s.pictures[p.Hash] = p
	}
	return nil
}
