package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// SessionStore keeps sessions. AccessStore reads them by their token.
type SessionStore interface {
	// CreateSession returns NotFound for an unknown or deleted person.
	CreateSession(ctx context.Context, s Session, tokenHash [32]byte) error
	// DeleteSession ends a session. A repeated call is no error.
	DeleteSession(ctx context.Context, id uuid.UUID) error
	// Sessions returns a person's sessions that have not expired, the last used first,
	// without Person, Settings and Confirmed.
	Sessions(ctx context.Context, person uuid.UUID, now time.Time) ([]Session, error)
	// EndSession ends one of a person's sessions. NotFound: it is none of theirs.
	EndSession(ctx context.Context, person, id uuid.UUID) error
	// EndOtherSessions ends all of a person's sessions but one, and returns their ids.
	EndOtherSessions(ctx context.Context, person, keep uuid.UUID) ([]uuid.UUID, error)
	// LiveSessions returns which of the sessions exist and have not expired.
	LiveSessions(ctx context.Context, ids []uuid.UUID, now time.Time) ([]uuid.UUID, error)
	// ForgetExpired deletes at most limit sessions that expired before a time, and
	// returns how many.
	ForgetExpired(ctx context.Context, before time.Time, limit int) (int, error)
	// TouchSessions moves SeenAt forward and ignores sessions that have ended.
	TouchSessions(ctx context.Context, seen map[uuid.UUID]time.Time) error
}

// Session is a signed-in browser. Its token is only in the cookie.
type Session struct {
	ID        uuid.UUID // SessionID of the token's hash
	Person    Person
	Device    string // User-Agent of the browser, at most 400 bytes
	CreatedAt time.Time
	SeenAt    time.Time // last use, exact to a minute
	ExpiresAt time.Time
	Settings  Settings
	Confirmed bool // false until the person has confirmed a provider's name
}

// SessionLifetime is how long a session lasts.
const SessionLifetime = 30 * 24 * time.Hour

const maxDevice = 400 // bytes

// Authenticate returns the session of a token, from the cache or the store.
// SignedOut: the session is unknown, ended or expired.
func (s *Accounts) Authenticate(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, ErrSignedOut()
	}

	session, err := s.access.session(ctx, TokenHash(token))
	if KindOf(err) == KindNotFound || err == nil && !s.now().Before(session.ExpiresAt) {
		return Session{}, ErrSignedOut()
	}

	if err == nil {
		s.seen.note(session.ID, session.SeenAt, s.now())
	}

	return session, err
}

// Sessions returns the viewer's sessions, the last used first.
func (s *Accounts) Sessions(ctx context.Context, viewer Person) ([]Session, error) {
	return s.store.Sessions(ctx, viewer.ID, s.now())
}

// SignOut ends a session everywhere: every replica closes its streams.
func (s *Accounts) SignOut(ctx context.Context, session Session) error {
	return s.endSession(ctx, session.ID)
}

// endSession invalidates the shared cache before the store's commit as well as after
// it: if the process ends after the commit, or the commit's reply is lost, no replica
// reads the ended session there. EndSession and EndOtherSessions do the same.
func (s *Accounts) endSession(ctx context.Context, id uuid.UUID) error {
	s.access.shared.Forget(ctx, id)
	if err := s.store.DeleteSession(ctx, id); err != nil {
		return err
	}
	s.access.sessionsEnded(ctx, id)
	return nil
}

// EndSession ends one of the viewer's sessions. NotFound: it is none of theirs.
func (s *Accounts) EndSession(ctx context.Context, viewer Person, id uuid.UUID) error {
	s.access.shared.Forget(ctx, id)
	if err := s.store.EndSession(ctx, viewer.ID, id); err != nil {
		return err
	}
	s.access.sessionsEnded(ctx, id)
	return nil
}

// EndOtherSessions ends all sessions of a person but the current one.
func (s *Accounts) EndOtherSessions(ctx context.Context, current Session) error {
	list, err := s.store.Sessions(ctx, current.Person.ID, s.now())
	if err != nil {
		return err
	}

	for _, other := range list {
		if other.ID != current.ID {
			s.access.shared.Forget(ctx, other.ID)
		}
	}

	others, err := s.store.EndOtherSessions(ctx, current.Person.ID, current.ID)
	if err != nil {
		return err
	}

	s.access.sessionsEnded(ctx, others...)
	return nil
}

// Limits of deleting expired sessions.
const (
	expiredRetention = time.Hour // because the replicas' clocks differ
	expiredBatch     = 1000
)

// ForgetExpired deletes expired sessions and returns how many.
func (s *Accounts) ForgetExpired(ctx context.Context) (all int, err error) {
	before := s.now().Add(-expiredRetention)
	for n := expiredBatch; n == expiredBatch && err == nil; all += n {
		n, err = s.store.ForgetExpired(ctx, before, expiredBatch)
	}
	return all, err
}

// EndedSessions returns which of the sessions have ended, and forgets them on all
// replicas, because an InvalidateEvent may have been lost.
func (s *Accounts) EndedSessions(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
	live, err := s.store.LiveSessions(ctx, ids, s.now())
	if err != nil {
		return nil, err
	}

	alive := make(map[uuid.UUID]bool, len(live))
	for _, id := range live {
		alive[id] = true
	}

	var ended []uuid.UUID
	for _, id := range ids {
		if !alive[id] {
			s.access.sessionsEnded(ctx, id)
			ended = append(ended, id)
		}
	}

	return ended, nil
}
