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

func (s *Store) person(id uuid.UUID) (p chat.Person, dev, ok bool) {
	for key, p := range s.identities {
		if p.ID == id {
			return p, key[0] == chat.ProviderDev, true
		}
	}
	return chat.Person{}, false, false
}

func (s *Store) Rename(_ context.Context, person uuid.UUID, name string) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	if _, _, ok := s.person(person); !ok {
		return chat.ErrNotFound()
	}
	s.rewrite(person, func(p *chat.Person) { p.Name = name })
	return nil
}

// rewrite changes a person wherever they are named.
func (s *Store) rewrite(id uuid.UUID, change func(*chat.Person)) {
	for key, p := range s.identities {
		if p.ID == id {
			change(&p)
			s.identities[key] = p
		}
	}
	for hash, session := range s.sessions {
		if session.Person.ID == id {
			change(&session.Person)
			s.sessions[hash] = session
		}
	}
	for _, t := range s.talks {
		for i := range t.members {
			if t.members[i].ID == id {
				change(&t.members[i])
			}
		}
		for i := range t.messages {
			if t.messages[i].Sender.ID == id {
				change(&t.messages[i].Sender)
			}
		}
	}
}
