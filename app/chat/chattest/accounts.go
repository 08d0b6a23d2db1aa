package chattest

import (
	"context"
	"time"

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
		p := chat.Person{ID: chat.NewID(), Name: who.Name}
		s.identities[key] = p
		s.unconfirmed[p.ID] = who.Provider != chat.ProviderDev
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

// changePerson wherever they are held.
func (s *Store) changePerson(id uuid.UUID, change func(*chat.Person)) error {
	if _, ok := s.person(id); !ok {
		return chat.ErrNotFound()
	}
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
	return nil
}

func (s *Store) Rename(_ context.Context, person uuid.UUID, name string) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	delete(s.unconfirmed, person)
	return s.changePerson(person, func(p *chat.Person) { p.Name = name })
}

func (s *Store) SpendSignIn(_ context.Context, secretHash [32]byte, _ time.Time) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	if s.spent[secretHash] {
		return chat.ErrNotFound()
	}
	s.spent[secretHash] = true
	return nil
}
