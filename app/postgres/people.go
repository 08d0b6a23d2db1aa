package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// SearchPeople finds people by a part of their name, by way of the trigram index where the text has three letters.
func (s *Store) SearchPeople(ctx context.Context, viewer uuid.UUID, text string, silentSince time.Time, limit int) ([]chat.PersonView, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	rows, err := s.q.SearchPeople(ctx, queries.SearchPeopleParams{Viewer: viewer, Text: text, SilentSince: silentSince, MaxRows: int32(limit)})
	if err != nil {
		return nil, mapError(err)
	}
	people := make([]chat.PersonView, len(rows))
	for i, row := range rows {
		people[i] = found(viewer, queries.ViewPersonRow(row))
	}
	return people, nil
}

// PersonAs tells what a person is to the viewer.
func (s *Store) PersonAs(ctx context.Context, viewer, person uuid.UUID, silentSince time.Time) (chat.PersonView, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.ViewPerson(ctx, queries.ViewPersonParams{Viewer: viewer, Person: person, SilentSince: silentSince})
	if err != nil {
		return chat.PersonView{}, mapError(err)
	}
	return found(viewer, row), nil
}

func found(viewer uuid.UUID, row queries.ViewPersonRow) chat.PersonView {
	f := chat.PersonView{
		Person: chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
		State:  chat.StateNone, JoinedAt: row.CreatedAt, ChangedAt: row.CreatedAt,
	}
	switch {
	case row.Blocked:
		f.State = chat.StateBlocked
	case row.Friends:
		f.State, f.ChangedAt = chat.StateFriends, row.Since
	case row.RequestID != nil:
		f.State, f.RequestID, f.ChangedAt = chat.StateIncoming, row.RequestID, row.AskedAt
		if *row.AskerID == viewer {
			f.State = chat.StateRequested
		}
	}
	return f
}
