package chattest

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Store) Account(_ context.Context, who chat.Identity) (chat.Person, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Person{}, err
	}
	defer leave()
	key := [2]string{who.Provider, who.Subject}
	if _, ok := s.identities[key]; !ok {
		s.identities[key] = chat.Person{ID: chat.NewID(), Name: who.Name}
	}
	return s.identities[key], nil
}

func (s *Store) person(id uuid.UUID) (p chat.Person, ok bool) {
	for _, p := range s.identities {
		if p.ID == id {
			return p, true
		}
	}
	return chat.Person{}, false
}
