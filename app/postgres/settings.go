package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// ChangeSettings changes the settings that are not nil and returns all of them, as they
// were and as they are.
func (s *Store) ChangeSettings(
	ctx context.Context, person uuid.UUID, c chat.SettingsChange,
) (before, after chat.Settings, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	row, err := s.q.ChangeSettings(ctx, queries.ChangeSettingsParams{
		Person:        person,
		Theme:         c.Theme,
		TimeZone:      c.TimeZone,
		ShareRead:     c.ShareRead,
		SharePresence: c.SharePresence,
		ShareTyping:   c.ShareTyping,
	})
	before = chat.Settings{
		Theme:         row.OldTheme,
		TimeZone:      row.OldTimeZone,
		ShareRead:     row.OldShareRead,
		SharePresence: row.OldSharePresence,
		ShareTyping:   row.OldShareTyping,
	}
	after = chat.Settings{
		Theme:         row.Theme,
		TimeZone:      row.TimeZone,
		ShareRead:     row.ShareRead,
		SharePresence: row.SharePresence,
		ShareTyping:   row.ShareTyping,
	}
	return before, after, mapError(err)
}

// LearnTimeZone sets the time zone of a person who has none, and reports whether it
// did.
func (s *Store) LearnTimeZone(ctx context.Context, person uuid.UUID, zone string) (bool, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	changed, err := s.q.LearnTimeZone(ctx, queries.LearnTimeZoneParams{Person: person, TimeZone: zone})
	return changed > 0, mapError(err)
}
