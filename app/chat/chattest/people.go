package chattest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"parley/app/chat"
)

// SearchPeople implements chat.Store.
func (s *Store) SearchPeople(
	_ context.Context,
	viewer uuid.UUID,
	text string,
	silentSince time.Time,
	limit int,
) ([]chat.PersonView, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	people, text := []chat.PersonView{}, chat.Fold(text)
	for _, p := range s.identities {
		p = s.as(viewer, p)
		if p.ID != viewer && nameMatches(p.Name, text) && !s.unconfirmed[p.ID] {
			people = append(people, s.viewPerson(viewer, p, silentSince))
		}
	}

	begins := func(f chat.PersonView) int {
		if f.State == chat.StateFriends {
			return -1
		}
		separator := func(r rune) bool { return r == ' ' || r == '-' }
		for _, word := range strings.FieldsFunc(chat.Fold(f.Name), separator) {
			if strings.HasPrefix(word, text) {
				return 0
			}
		}
		return 1
	}

	slices.SortFunc(people, func(a, b chat.PersonView) int {
		if n := begins(a) - begins(b); n != 0 {
			return n
		}
		x, y := chat.Fold(a.Name), chat.Fold(b.Name)
		return cmp.Or(utf8.RuneCountInString(x)-utf8.RuneCountInString(y), strings.Compare(x, y))
	})
	people = people[:min(limit, len(people))]
	slices.SortStableFunc(people, func(a, b chat.PersonView) int {
		return blockedLast[a.State] - blockedLast[b.State]
	})
	return people, nil
}

var blockedLast = map[string]int{chat.StateBlocked: 1}

// nameMatches reports whether a search for a folded text finds a name.
func nameMatches(name, folded string) bool {
	name = chat.Fold(name)
	grams := chat.NameGrams(name)
	has := func(gram string) bool { return slices.Contains(grams, gram) }
	return folded != "" && strings.Contains(name, folded) &&
		!slices.ContainsFunc(chat.QueryGrams(folded), func(gram string) bool { return !has(gram) })
}

// ViewPerson implements chat.Store.
func (s *Store) ViewPerson(
	_ context.Context,
	viewer, person uuid.UUID,
	silentSince time.Time,
) (chat.PersonView, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.PersonView{}, err
	}
	defer unlock()
	p, ok := s.person(person)
	if !ok || s.unconfirmed[person] {
		return chat.PersonView{}, chat.ErrNotFound()
	}

	return s.viewPerson(viewer, p, silentSince), nil
}

func (s *Store) viewPerson(viewer uuid.UUID, p chat.Person, silentSince time.Time) chat.PersonView {
	f := chat.PersonView{Person: s.as(viewer, p), State: chat.StateNone}
	if since, ok := s.friendships[pair(viewer, p.ID)]; ok {
		f.State, f.ChangedAt = chat.StateFriends, since
	}

	if t := s.direct(viewer, p.ID); t != nil {
		f.ConversationID = &t.id
	}

	for _, r := range s.requests {
		switch {
		case f.State == chat.StateFriends || !r.between(viewer, p.ID):
		case r.Asker.ID == viewer && r.looksPending(silentSince):
			f.State, f.RequestID, f.ChangedAt = chat.StateRequested, &r.ID, r.CreatedAt
		case r.Asker.ID != viewer && r.State == chat.RequestPending:
			f.State, f.RequestID, f.ChangedAt = chat.StateIncoming, &r.ID, r.CreatedAt
		}
	}

	if s.blocks[[2]uuid.UUID{viewer, p.ID}] {
		f.State, f.RequestID = chat.StateBlocked, nil
	}

	return f
}
