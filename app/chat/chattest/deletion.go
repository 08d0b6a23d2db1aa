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

	groups := s.leaveGroups(person)
	// A repeated call finds nothing.
	_ = s.changePerson(person, func(p *chat.Person) { p.Name, p.Picture = chat.DeletedName, "" })
	gone := chat.Deletion{
		Sessions: s.endSessions(func(session chat.Session) bool { return session.Person.ID == person }),
		Groups:   groups,
	}

	for _, t := range s.conversations {
		if t.has(person) {
			s.keepLastViews(t, person)
			delete(t.arranged, person)
		}
	}

	for key, v := range s.lastViews {
		switch person {
		case key[0]:
			delete(s.lastViews, key)
		case key[1]:
			s.lastViews[key] = lastView{name: chat.DeletedName, read: v.read, delivered: v.delivered}
		}
		s.dropPicture(v.picture)
	}

	for key, p := range s.identities {
		if p.ID == person {
			delete(s.identities, key)
			s.departed[key] = person
		}
	}

	for key := range s.friendships {
		if other := otherOf(key, person); other != uuid.Nil {
			gone.Friends = append(gone.Friends, other)
			delete(s.friendships, key)
		}
	}

	for _, r := range s.requests {
		if r.Asker.ID == person || r.Asked.ID == person {
			s.spentRequests[r.Asker.ID] = append(s.spentRequests[r.Asker.ID], r.CreatedAt)
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
		if key[0] == person { // those by others stay
			delete(s.blocks, key)
		}
	}

	if chosen, ok := s.settings[person]; ok {
		chosen.Theme, chosen.TimeZone = "system", ""
		s.settings[person] = chosen
	}

	return gone, nil
}

// restoreDeparted gives a new account what its identity's deleted account left.
func (s *Store) restoreDeparted(identity [2]string, successor uuid.UUID) {
	departed, ok := s.departed[identity]
	if !ok {
		return
	}

	delete(s.departed, identity)
	s.spentRequests[successor] = s.spentRequests[departed]
	for key := range s.blocks {
		if key[1] == departed {
			delete(s.blocks, key)
			s.blocks[[2]uuid.UUID{key[0], successor}] = true
		}
	}
}
