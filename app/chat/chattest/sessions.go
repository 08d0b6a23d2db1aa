package chattest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// CreateSession implements chat.Store.
func (s *Store) CreateSession(_ context.Context, session chat.Session, hash [32]byte) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := s.person(session.Person.ID); !ok {
		return chat.ErrNotFound()
	}

	session.SeenAt = session.CreatedAt
	s.sessions[hash] = session
	return nil
}

// Session implements chat.Store.
func (s *Store) Session(_ context.Context, hash [32]byte) (chat.Session, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Session{}, err
	}
	defer unlock()
	session, ok := s.sessions[hash]
	if !ok {
		return chat.Session{}, chat.ErrNotFound()
	}

	session.Confirmed = !s.unconfirmed[session.Person.ID]
	session.Settings = s.settingsOf(session.Person.ID)
	return session, nil
}

// DeleteSession implements chat.Store.
func (s *Store) DeleteSession(_ context.Context, id uuid.UUID) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for hash, session := range s.sessions {
		if session.ID == id {
			delete(s.sessions, hash)
		}
	}

	return nil
}

// Sessions implements chat.Store.
func (s *Store) Sessions(_ context.Context, person uuid.UUID, now time.Time) ([]chat.Session, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	all := []chat.Session{}
	for _, session := range s.sessions {
		if session.Person.ID == person && session.ExpiresAt.After(now) {
			session.Person, session.Settings, session.Confirmed = chat.Person{}, chat.Settings{}, false
			all = append(all, session)
		}
	}

	slices.SortFunc(all, func(a, b chat.Session) int { return b.SeenAt.Compare(a.SeenAt) })
	return all, nil
}

// EndSession implements chat.Store.
func (s *Store) EndSession(_ context.Context, person, id uuid.UUID) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	ended := s.endSessions(func(session chat.Session) bool {
		return session.ID == id && session.Person.ID == person
	})
	if len(ended) == 0 {
		return chat.ErrNotFound()
	}

	return nil
}

// EndOtherSessions implements chat.Store.
func (s *Store) EndOtherSessions(_ context.Context, person, keep uuid.UUID) ([]uuid.UUID, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return s.endSessions(
		func(session chat.Session) bool { return session.ID != keep && session.Person.ID == person },
	), nil
}

// endSessions ends the sessions that match and returns their ids.
func (s *Store) endSessions(which func(chat.Session) bool) (ended []uuid.UUID) {
	for hash, session := range s.sessions {
		if which(session) {
			ended = append(ended, session.ID)
			delete(s.sessions, hash)
		}
	}
	return ended
}

// LiveSessions implements chat.Store.
func (s *Store) LiveSessions(_ context.Context, ids []uuid.UUID, now time.Time) (live []uuid.UUID, err error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	for _, session := range s.sessions {
		if slices.Contains(ids, session.ID) && session.ExpiresAt.After(now) {
			live = append(live, session.ID)
		}
	}

	return live, nil
}

// ForgetExpired implements chat.Store.
func (s *Store) ForgetExpired(_ context.Context, before time.Time, limit int) (int, error) {
	unlock, err := s.lock()
	if err != nil {
		return 0, err
	}
	defer unlock()
	n := 0
	s.endSessions(func(session chat.Session) bool {
		expired := n < limit && !session.ExpiresAt.After(before)
		if expired {
			n++
		}
		return expired
	})
	return n, nil
}

// TouchSessions implements chat.Store.
func (s *Store) TouchSessions(_ context.Context, seen map[uuid.UUID]time.Time) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for hash, session := range s.sessions {
		if at, ok := seen[session.ID]; ok && at.After(session.SeenAt) {
			session.SeenAt = at
			s.sessions[hash] = session
		}
	}

	return nil
}
