package chattest

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Account implements chat.Store.
func (s *Store) Account(_ context.Context, who chat.Identity) (chat.Person, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Person{}, err
	}
	defer unlock()
	key := [2]string{who.Provider, who.Subject}
	if _, ok := s.identities[key]; !ok {
		p := chat.Person{ID: chat.NewID(), Name: who.Name}
		s.identities[key] = p
		s.unconfirmed[p.ID] = who.Provider != chat.ProviderDev
		s.restoreDeparted(key, p.ID)
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

// changePerson changes a person in all values that hold them.
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

	for _, t := range s.conversations {
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

// Rename implements chat.Store.
func (s *Store) Rename(_ context.Context, person uuid.UUID, name string) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	delete(s.unconfirmed, person)
	return s.changePerson(person, func(p *chat.Person) { p.Name = name })
}

// SpendSignIn implements chat.Store.
func (s *Store) SpendSignIn(_ context.Context, secretHash [32]byte, _ time.Time) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if s.spent[secretHash] {
		return chat.ErrNotFound()
	}

	s.spent[secretHash] = true
	return nil
}
