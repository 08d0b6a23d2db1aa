package chattest

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
)

// DeleteAccount implements chat.Store.
func (s *Store) DeleteAccount(_ context.Context, person uuid.UUID) (chat.Deletion, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Deletion{}, err
	}
	defer unlock()

	// A repeated call finds nothing.
	_ = s.changePerson(person, func(p *chat.Person) { p.Name, p.Picture = chat.DeletedName, "" })
	gone := chat.Deletion{
		Sessions: s.endSessions(func(session chat.Session) bool { return session.Person.ID == person }),
	}

	for key, p := range s.identities {
		if p.ID == person {
			delete(s.identities, key)
		}
	}

	for key := range s.friendships {
		if other := otherOf(key, person); other != uuid.Nil {
			gone.Friends = append(gone.Friends, other)
			delete(s.friendships, key)
		}
	}

	s.requests = slices.DeleteFunc(
		s.requests,
		func(r *request) bool { return r.Asker.ID == person || r.Asked.ID == person },
	)
	for id, r := range s.returned {
		if r.Message.Sender.ID == person {
			delete(s.returned, id)
		}
	}

	for key := range s.blocks {
		if otherOf(key, person) != uuid.Nil {
			delete(s.blocks, key)
		}
	}

	if chosen, ok := s.settings[person]; ok {
		chosen.Theme, chosen.TimeZone = "system", ""
		s.settings[person] = chosen
	}

	return gone, nil
}
