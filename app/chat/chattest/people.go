package chattest

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"parley/app/chat"
)

// searchForm is search_form of Postgres, as far as the suite uses it.
func searchForm(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(name))
}

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
	people, text := []chat.PersonView{}, searchForm(text)
	for _, p := range s.identities {
		p = s.as(viewer, p)
		if text != "" && p.ID != viewer && strings.Contains(searchForm(p.Name), text) && !s.unconfirmed[p.ID] {
			people = append(people, s.viewPerson(viewer, p, silentSince))
		}
	}

	begins := func(f chat.PersonView) int {
		separator := func(r rune) bool { return r == ' ' || r == '-' }
		for _, word := range strings.FieldsFunc(searchForm(f.Name), separator) {
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
		if n := len(
			a.Name,
		) - len(b.Name); n != 0 { // of names with the same text in them the shortest is the most similar
			return n
		}
		return strings.Compare(chat.FoldName(a.Name), chat.FoldName(b.Name))
	})
	return people[:min(limit, len(people))], nil
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
	if !ok {
		return chat.PersonView{}, chat.ErrNotFound()
	}

	return s.viewPerson(viewer, p, silentSince), nil
}

func (s *Store) viewPerson(viewer uuid.UUID, p chat.Person, silentSince time.Time) chat.PersonView {
	f := chat.PersonView{Person: s.as(viewer, p), State: chat.StateNone}
	if since, ok := s.friendships[pair(viewer, p.ID)]; ok {
		f.State, f.ChangedAt = chat.StateFriends, since
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
