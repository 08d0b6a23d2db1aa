package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// CreateSession keeps a session under its token's hash.
func (s *Store) CreateSession(ctx context.Context, session chat.Session, tokenHash [32]byte) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	made, err := s.q.CreateSession(ctx, queries.CreateSessionParams{
		ID: session.ID, TokenHash: tokenHash[:], UserID: session.Person.ID, Device: session.Device,
		CreatedAt: session.CreatedAt, ExpiresAt: session.ExpiresAt,
	})
	return some(made, err)
}

// some answers NotFound when a statement touched no row.
func some(rows int64, err error) error {
	if err == nil && rows == 0 {
		return chat.ErrNotFound()
	}
	return mapError(err)
}

// Session finds a session by its token's hash.
func (s *Store) Session(ctx context.Context, tokenHash [32]byte) (chat.Session, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.SessionByToken(ctx, tokenHash[:])
	if err != nil {
		return chat.Session{}, mapError(err)
	}
	return chat.Session{
		ID: row.ID, Person: chat.Person{ID: row.UserID, Name: row.Name, Picture: row.Picture}, Device: row.Device,
		CreatedAt: row.CreatedAt, SeenAt: row.SeenAt, ExpiresAt: row.ExpiresAt, Confirmed: row.Confirmed,
		Settings: chat.Settings{
			Theme: row.Theme, TimeZone: row.TimeZone, ShareRead: row.ShareRead, SharePresence: row.SharePresence, ShareTyping: row.ShareTyping,
		},
	}, nil
}

// DeleteSession ends a session.
func (s *Store) DeleteSession(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return mapError(s.q.DeleteSession(ctx, id))
}

// Sessions lists a person's sessions, the one used last first.
func (s *Store) Sessions(ctx context.Context, person uuid.UUID, now time.Time) ([]chat.Session, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	rows, err := s.q.Sessions(ctx, queries.SessionsParams{Person: person, Now: now})
	sessions := make([]chat.Session, len(rows))
	for i, row := range rows {
		sessions[i] = chat.Session{ID: row.ID, Device: row.Device, CreatedAt: row.CreatedAt, SeenAt: row.SeenAt, ExpiresAt: row.ExpiresAt}
	}
	return sessions, mapError(err)
}

// EndSession ends one of a person's sessions.
func (s *Store) EndSession(ctx context.Context, person, id uuid.UUID) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return some(s.q.EndSession(ctx, queries.EndSessionParams{Person: person, ID: id}))
}

// EndOtherSessions ends all of a person's sessions but one.
func (s *Store) EndOtherSessions(ctx context.Context, person, keep uuid.UUID) ([]uuid.UUID, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	ended, err := s.q.EndOtherSessions(ctx, queries.EndOtherSessionsParams{Person: person, Keep: keep})
	return ended, mapError(err)
}

// LiveSessions names those that are still there.
func (s *Store) LiveSessions(ctx context.Context, ids []uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	live, err := s.q.LiveSessions(ctx, queries.LiveSessionsParams{Ids: ids, Now: now})
	return live, mapError(err)
}

// ForgetExpired removes sessions that had expired before then; those that another replica is removing are left to it.
func (s *Store) ForgetExpired(ctx context.Context, before time.Time, most int) (int, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	n, err := s.q.ForgetExpiredSessions(ctx, queries.ForgetExpiredSessionsParams{Before: before, MaxRows: int32(most)})
	return int(n), mapError(err)
}

// TouchSessions moves when sessions were used last.
func (s *Store) TouchSessions(ctx context.Context, seen map[uuid.UUID]time.Time) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	touch := queries.TouchSessionsParams{Ids: make([]uuid.UUID, 0, len(seen)), Times: make([]time.Time, 0, len(seen))}
	for id, at := range seen {
		touch.Ids, touch.Times = append(touch.Ids, id), append(touch.Times, at)
	}
	return mapError(s.q.TouchSessions(ctx, touch))
}
