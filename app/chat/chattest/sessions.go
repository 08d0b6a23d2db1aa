package chattest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Store) CreateSession(_ context.Context, session chat.Session, hash [32]byte) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	if _, ok := s.person(session.Person.ID); !ok {
		return chat.ErrNotFound()
	}
	session.SeenAt = session.CreatedAt
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
	session.Settings = s.settingsOf(session.Person.ID)
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

func (s *Store) Sessions(_ context.Context, person uuid.UUID, now time.Time) ([]chat.Session, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
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

func (s *Store) EndSession(_ context.Context, person, id uuid.UUID) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	if len(s.endSessions(func(session chat.Session) bool { return session.ID == id && session.Person.ID == person })) == 0 {
		return chat.ErrNotFound()
	}
	return nil
}

func (s *Store) EndOtherSessions(_ context.Context, person, keep uuid.UUID) ([]uuid.UUID, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.endSessions(func(session chat.Session) bool { return session.ID != keep && session.Person.ID == person }), nil
}

func (s *Store) endSessions(which func(chat.Session) bool) (ended []uuid.UUID) {
	for hash, session := range s.sessions {
		if which(session) {
			ended = append(ended, session.ID)
			delete(s.sessions, hash)
		}
	}
	return ended
}

func (s *Store) LiveSessions(_ context.Context, ids []uuid.UUID, now time.Time) (live []uuid.UUID, err error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	for _, session := range s.sessions {
		if slices.Contains(ids, session.ID) && session.ExpiresAt.After(now) {
			live = append(live, session.ID)
		}
	}
	return live, nil
}

func (s *Store) ForgetExpired(_ context.Context, before time.Time, most int) (int, error) {
	leave, err := s.enter()
	if err != nil {
		return 0, err
	}
	defer leave()
	n := 0
	s.endSessions(func(session chat.Session) bool {
		expired := n < most && !session.ExpiresAt.After(before)
		if expired {
			n++
		}
		return expired
	})
	return n, nil
}

func (s *Store) TouchSessions(_ context.Context, seen map[uuid.UUID]time.Time) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	for hash, session := range s.sessions {
		if at, ok := seen[session.ID]; ok && at.After(session.SeenAt) {
			session.SeenAt = at
			s.sessions[hash] = session
		}
	}
	return nil
}
