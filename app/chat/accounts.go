package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Person is what others may know of an account.
type Person struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// Identity is who a provider says someone is. Accounts are keyed on provider and subject, never on an e-mail address.
type Identity struct {
	Provider string // "dev", "google", …
	Subject  string
	Name     string // used when the account is new
}

// ProviderDev is the development sign-in: one folded name is one account.
const ProviderDev = "dev"

// Session is one signed-in browser. The token itself is kept nowhere but in the cookie.
type Session struct {
	ID        uuid.UUID // SessionID(hash)
	Person    Person
	Device    string // the browser's own words (User-Agent), at most 400 bytes
	CreatedAt time.Time
	ExpiresAt time.Time
}

// SessionLifetime is how long a session lasts.
const SessionLifetime = 30 * 24 * time.Hour

const maxDevice = 400

// SignIn finds or makes the account and opens a new session on it, whose token it returns. previous, the token that came with
// the request (may be empty), is ended: a token is never carried through a sign-in.
func (s *Service) SignIn(ctx context.Context, who Identity, device, previous string) (Session, string, error) {
	name, err := NormalizeName(who.Name)
	if err != nil {
		return Session{}, "", err
	}
	who.Name = name
	if who.Provider == ProviderDev {
		who.Subject = FoldName(name)
	}
	person, err := s.store.Account(ctx, who)
	if err != nil {
		return Session{}, "", err
	}
	token := NewToken()
	hash := TokenHash(token)
	now := s.now()
	session := Session{
		ID: SessionID(hash), Person: person, Device: cut(device, maxDevice),
		CreatedAt: now, ExpiresAt: now.Add(SessionLifetime),
	}
	if err := s.store.CreateSession(ctx, session, hash); err != nil {
		return Session{}, "", err
	}
	if previous != "" {
		if err := s.endSession(ctx, SessionID(TokenHash(previous))); err != nil {
			s.logger.WarnContext(ctx, "previous session not ended at sign-in", "error", err)
		}
	}
	return session, token, nil
}

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
