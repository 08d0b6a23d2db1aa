package chattest

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Store) DeleteAccount(_ context.Context, person uuid.UUID) (chat.Deletion, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Deletion{}, err
	}
	defer leave()
	_ = s.changePerson(person, func(p *chat.Person) { p.Name, p.Picture = chat.DeletedName, "" }) // gone already: nothing is found
	gone := chat.Deletion{Sessions: s.endSessions(func(session chat.Session) bool { return session.Person.ID == person })}
	for key, p := range s.identities {
		if p.ID == person {
			delete(s.identities, key)
		}
	}
	if chosen, ok := s.settings[person]; ok {
		chosen.Theme, chosen.TimeZone = "system", ""
		s.settings[person] = chosen
	}
	return gone, nil
}
