package chattest

import (
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
)

// lastView is a person as another one saw them when their friendship ended.
type lastView struct {
	name, picture   string
	read, delivered *int64
}

// as returns a person as the viewer sees them.
func (s *Store) as(viewer uuid.UUID, p chat.Person) chat.Person {
	if v, ok := s.lastViews[[2]uuid.UUID{viewer, p.ID}]; ok {
		p.Name, p.Picture = v.name, v.picture
	}
	return p
}

// inConversation returns a member as the other one sees them.
func (s *Store) inConversation(t *storedConversation, p chat.Person) chat.Person {
	for _, other := range t.members {
		if t.group == nil && other.ID != p.ID {
			return s.as(other.ID, p)
		}
	}
	return p
}

// sentIn returns a message with its sender as the other member sees them.
func (s *Store) sentIn(t *storedConversation, m chat.Message) chat.Message {
	m.Sender = s.inConversation(t, m.Sender)
	return m
}

// keepLastViews keeps people as the other members of a conversation see them now.
func (s *Store) keepLastViews(t *storedConversation, people ...uuid.UUID) {
	for _, p := range t.members {
		if !slices.Contains(people, p.ID) {
			continue
		}
		v := lastView{name: p.Name, picture: p.Picture}
		read, delivered := t.read[p.ID], t.delivered[p.ID]
		settings := s.memberSettings(p)
		if settings.ShareRead {
			v.read, v.delivered = &read, &read
		}
		if settings.SharePresence {
			v.delivered = &delivered
		}
		for _, viewer := range t.members {
			key := [2]uuid.UUID{viewer.ID, p.ID}
			if _, parted := s.lastViews[key]; !parted && viewer.ID != p.ID {
				s.lastViews[key] = v
			}
		}
	}
}

// dropLastViews makes two friends see each other as they are.
func (s *Store) dropLastViews(one, other uuid.UUID) {
	for _, key := range [][2]uuid.UUID{{one, other}, {other, one}} {
		picture := s.lastViews[key].picture
		delete(s.lastViews, key)
		s.dropPicture(picture)
	}
}

// dropPicture deletes a picture that nobody is shown with any more.
func (s *Store) dropPicture(hash string) {
	for _, p := range s.identities {
		if p.Picture == hash {
			return
		}
	}
	for _, v := range s.lastViews {
		if v.picture == hash {
			return
		}
	}
	delete(s.pictures, hash)
}
