package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// SearchPeople finds people whose name contains a text, by the index of n-grams.
func (s *Store) SearchPeople(
	ctx context.Context, viewer uuid.UUID, text string, silentSince time.Time, limit int,
) ([]chat.PersonView, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	folded := chat.Fold(text)
	if folded == "" {
		return []chat.PersonView{}, nil
	}
	rows, err := s.q.SearchPeople(ctx, queries.SearchPeopleParams{
		Viewer:      viewer,
		Folded:      folded,
		Grams:       chat.QueryGrams(folded),
		SilentSince: silentSince,
		MaxRows:     int32(limit),
	})
	if err != nil {
		return nil, mapError(err)
	}
	people := make([]chat.PersonView, len(rows))
	for i, row := range rows {
		people[i] = personView(viewer, queries.ViewPersonRow(row))
	}
	return people, nil
}

// ViewPerson reads a person with their relation to the viewer.
func (s *Store) ViewPerson(
	ctx context.Context, viewer, person uuid.UUID, silentSince time.Time,
) (chat.PersonView, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	row, err := s.q.ViewPerson(ctx, queries.ViewPersonParams{
		Viewer:      viewer,
		Person:      person,
		SilentSince: silentSince,
	})
	if err != nil {
		return chat.PersonView{}, mapError(err)
	}
	return personView(viewer, row), nil
}

func personView(viewer uuid.UUID, row queries.ViewPersonRow) chat.PersonView {
	v := chat.PersonView{
		Person:    chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
		State:     chat.StateNone,
		JoinedAt:  row.CreatedAt,
		ChangedAt: row.CreatedAt,

		ConversationID: row.ConversationID,
	}
	switch {
	case row.Blocked:
		v.State = chat.StateBlocked
	case row.Friends:
		v.State, v.ChangedAt = chat.StateFriends, row.Since
	case row.RequestID != nil:
		v.State, v.RequestID, v.ChangedAt = chat.StateIncoming, row.RequestID, row.AskedAt
		if *row.AskerID == viewer {
			v.State = chat.StateRequested
		}
	}
	return v
}
