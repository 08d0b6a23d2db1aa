package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// SessionStore keeps who is signed in where.
type SessionStore interface {
	CreateSession(ctx context.Context, s Session, tokenHash [32]byte) error
	// Session answers NotFound for a token that is unknown or whose session was ended.
	Session(ctx context.Context, tokenHash [32]byte) (Session, error)
	// DeleteSession ends a session; ending it twice is no error.
	DeleteSession(ctx context.Context, id uuid.UUID) error
}

// Session is one signed-in browser. The token itself is kept nowhere but in the cookie.
type Session struct {
	ID        uuid.UUID // SessionID(hash)
	Person    Person
	Device    string // the browser's own words (User-Agent), at most 400 bytes
	CreatedAt time.Time
	SeenAt    time.Time // used last, to a minute
	ExpiresAt time.Time
	Settings  Settings
	Confirmed bool // false until a provider's name was confirmed
}

// SessionLifetime is how long a session lasts.
const SessionLifetime = 30 * 24 * time.Hour

const maxDevice = 400

// Authenticate answers whose token this is, from the cache or the store. Unknown, ended or expired: ErrSignedOut.
func (s *Service) Authenticate(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, ErrSignedOut()
	}
	hash := TokenHash(token)
	session, err := s.authority.session(ctx, hash)
	if KindOf(err) == KindNotFound || err == nil && !s.now().Before(session.ExpiresAt) {
		return Session{}, ErrSignedOut()
	}
	return session, err
}

// SignOut ends a session everywhere: its streams on every replica are closed.
func (s *Service) SignOut(ctx context.Context, session Session) error {
	return s.endSession(ctx, session.ID)
}

func (s *Service) endSession(ctx context.Context, id uuid.UUID) error {
	if err := s.store.DeleteSession(ctx, id); err != nil {
		return err
	}
	e := InvalidateEvent{Session: &id}
	s.Invalidate(e)
	s.bus.Broadcast(ctx, e)
	return nil
}

// cut shortens s to at most n bytes without splitting a code point.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
