package chattest

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Store) CreateSession(_ context.Context, session chat.Session, hash [32]byte) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	session.Settings, session.SeenAt = chat.DefaultSettings(), session.CreatedAt
	s.sessions[hash] = session
	return nil
}

func (s *Store) Session(_ context.Context, hash [32]byte) (chat.Session, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Session{}, err
	}
	defer leave()
	session, ok := s.sessions[hash]
	if !ok {
		return chat.Session{}, chat.ErrNotFound()
	}
	session.Confirmed = !s.unconfirmed[session.Person.ID]
	return session, nil
}

func (s *Store) DeleteSession(_ context.Context, id uuid.UUID) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	for hash, session := range s.sessions {
		if session.ID == id {
			delete(s.sessions, hash)
		}
	}
	return nil
}
