package chattest

import (
	"context"
	"maps"
	"slices"
	"time"

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
	maps.DeleteFunc(s.friendships, func(pair [2]uuid.UUID, _ time.Time) bool { return slices.Contains(pair[:], person) })
	maps.DeleteFunc(s.blocks, func(pair [2]uuid.UUID, _ bool) bool { return slices.Contains(pair[:], person) })
	s.requests = slices.DeleteFunc(s.requests, func(r *request) bool { return r.Asker.ID == person || r.Asked.ID == person })
	if chosen, ok := s.settings[person]; ok {
		chosen.Theme, chosen.TimeZone = "system", ""
		s.settings[person] = chosen
	}
	return gone, nil
}
