package chattest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Block implements chat.Store.
func (s *Store) Block(_ context.Context, person, other uuid.UUID, at time.Time) (chat.FriendshipEnd, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.FriendshipEnd{}, err
	}
	defer unlock()
	if person == other {
		return chat.FriendshipEnd{}, chat.Invalid("person", "It takes two.")
	}

	if _, ok := s.person(other); s.deleted(person) || !ok && s.direct(person, other) == nil {
		return chat.FriendshipEnd{}, chat.ErrNotFound()
	}

	p, key := s.endFriendship(person, other), [2]uuid.UUID{person, other}
	if s.blocks[key] {
		return p, nil
	}

	s.blocks[key] = true
	for _, r := range s.requests {
		switch {
		case !r.between(person, other):
		case r.Asker.ID == person && (r.State == chat.RequestPending || r.State == chat.RequestDeclined):
			r.State, r.answered = chat.RequestCancelled, at
			p.Requests = append(p.Requests, s.changed(r))
		case r.Asker.ID == other && r.State == chat.RequestPending:
			o := s.changed(r)
			o.State, o.Undelivered = chat.RequestDeclined, false
			p.Requests = append(p.Requests, o)
		}
	}

	return p, nil
}

// Unblock implements chat.Store.
func (s *Store) Unblock(_ context.Context, person, other uuid.UUID) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	delete(s.blocks, [2]uuid.UUID{person, other})
	return nil
}

// Blocked implements chat.Store.
func (s *Store) Blocked(_ context.Context, person uuid.UUID) ([]chat.Person, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	people := []chat.Person{}
	for key := range s.blocks {
		if key[0] == person {
			if p, ok := s.person(key[1]); ok {
				people = append(people, s.as(person, p))
			}
		}
	}

	slices.SortFunc(people, func(a, b chat.Person) int {
		return strings.Compare(chat.Fold(a.Name), chat.Fold(b.Name))
	})
	return people, nil
}
