package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// CreateSession stores a session under the hash of its token, or returns NotFound
// if the account is deleted.
func (s *Store) CreateSession(ctx context.Context, session chat.Session, tokenHash [32]byte) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	return requireRow(s.q.CreateSession(ctx, queries.CreateSessionParams{
		ID:        session.ID,
		TokenHash: tokenHash[:],
		UserID:    session.Person.ID,
		Device:    session.Device,
		CreatedAt: session.CreatedAt,
		ExpiresAt: session.ExpiresAt,
	}))
}

// Session reads a session by the hash of its token.
func (s *Store) Session(ctx context.Context, tokenHash [32]byte) (chat.Session, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	row, err := s.q.SessionByToken(ctx, tokenHash[:])
	if err != nil {
		return chat.Session{}, mapError(err)
	}
	return chat.Session{
		ID:        row.ID,
		Person:    chat.Person{ID: row.UserID, Name: row.Name, Picture: row.Picture},
		Device:    row.Device,
		CreatedAt: row.CreatedAt,
		SeenAt:    row.SeenAt,
		ExpiresAt: row.ExpiresAt,
		Confirmed: row.Confirmed,
		Settings: chat.Settings{
			Theme:         row.Theme,
			TimeZone:      row.TimeZone,
			ShareRead:     row.ShareRead,
			SharePresence: row.SharePresence,
			ShareTyping:   row.ShareTyping,
		},
	}, nil
}

// DeleteSession deletes a session. Without one it does nothing.
func (s *Store) DeleteSession(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return mapError(s.q.DeleteSession(ctx, id))
}

// Sessions reads a person's sessions, the most recently used first.
func (s *Store) Sessions(ctx context.Context, person uuid.UUID, now time.Time) ([]chat.Session, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	rows, err := s.q.Sessions(ctx, queries.SessionsParams{Person: person, Now: now})
	sessions := make([]chat.Session, len(rows))
	for i, row := range rows {
		sessions[i] = chat.Session{
			ID:        row.ID,
			Device:    row.Device,
			CreatedAt: row.CreatedAt,
			SeenAt:    row.SeenAt,
			ExpiresAt: row.ExpiresAt,
		}
	}
	return sessions, mapError(err)
}

// EndSession deletes one of a person's sessions, or returns NotFound if it isn't
// theirs.
func (s *Store) EndSession(ctx context.Context, person, id uuid.UUID) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return requireRow(s.q.EndSession(ctx, queries.EndSessionParams{Person: person, ID: id}))
}

// EndOtherSessions deletes all of a person's sessions except one and returns the
// deleted ones.
func (s *Store) EndOtherSessions(ctx context.Context, person, keep uuid.UUID) ([]uuid.UUID, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	ended, err := s.q.EndOtherSessions(ctx, queries.EndOtherSessionsParams{Person: person, Keep: keep})
	return ended, mapError(err)
}

// LiveSessions returns those sessions that exist and haven't expired.
func (s *Store) LiveSessions(ctx context.Context, ids []uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	live, err := s.q.LiveSessions(ctx, queries.LiveSessionsParams{Ids: ids, Now: now})
	return live, mapError(err)
}

// ForgetExpired deletes up to limit sessions that expired before a time and returns
// their number. It skips sessions that another replica is deleting.
func (s *Store) ForgetExpired(ctx context.Context, before time.Time, limit int) (int, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	n, err := s.q.ForgetExpiredSessions(ctx, queries.ForgetExpiredSessionsParams{
		Before:  before,
		MaxRows: int32(limit),
	})
	return int(n), mapError(err)
}

// TouchSessions stores when sessions were last used, by session.
func (s *Store) TouchSessions(ctx context.Context, seen map[uuid.UUID]time.Time) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	p := queries.TouchSessionsParams{Ids: make([]uuid.UUID, 0, len(seen)), Times: make([]time.Time, 0, len(seen))}
	for id, at := range seen {
		p.Ids, p.Times = append(p.Ids, id), append(p.Times, at)
	}
	return mapError(s.q.TouchSessions(ctx, p))
}
