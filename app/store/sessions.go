package store

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// CreateSession keeps a session under its token's hash.
func (s *Store) CreateSession(ctx context.Context, session chat.Session, tokenHash [32]byte) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return failed(s.q.CreateSession(ctx, queries.CreateSessionParams{
		ID: session.ID, TokenHash: tokenHash[:], UserID: session.Person.ID, Device: session.Device,
		CreatedAt: session.CreatedAt, ExpiresAt: session.ExpiresAt,
	}))
}

// Session finds a session by its token's hash.
func (s *Store) Session(ctx context.Context, tokenHash [32]byte) (chat.Session, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.SessionByToken(ctx, tokenHash[:])
	if err != nil {
		return chat.Session{}, failed(err)
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
	return failed(s.q.DeleteSession(ctx, id))
}
