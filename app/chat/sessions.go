package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// SessionStore keeps who is signed in where.
type SessionStore interface {
	// CreateSession answers NotFound for a person who isn't there, or not any more.
	CreateSession(ctx context.Context, s Session, tokenHash [32]byte) error
	// Session answers NotFound for a token that is unknown or whose session was ended.
	Session(ctx context.Context, tokenHash [32]byte) (Session, error)
	// DeleteSession ends a session; ending it twice is no error.
	DeleteSession(ctx context.Context, id uuid.UUID) error
	// Sessions lists a person's sessions that haven't expired, the one used last first; Person, Settings and Confirmed are left out.
	Sessions(ctx context.Context, person uuid.UUID, now time.Time) ([]Session, error)
	// EndSession ends one of a person's sessions; NotFound when it is none of theirs.
	EndSession(ctx context.Context, person, id uuid.UUID) error
	// EndOtherSessions ends all of a person's sessions but one, and names them.
	EndOtherSessions(ctx context.Context, person, keep uuid.UUID) ([]uuid.UUID, error)
	// LiveSessions names those of the sessions that haven't been ended and haven't expired.
	LiveSessions(ctx context.Context, ids []uuid.UUID, now time.Time) ([]uuid.UUID, error)
	// ForgetExpired removes sessions that had expired before then, so many at most, and answers how many.
	ForgetExpired(ctx context.Context, before time.Time, most int) (int, error)
	// TouchSessions moves SeenAt forward; those that were ended are left out.
	TouchSessions(ctx context.Context, seen map[uuid.UUID]time.Time) error
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
	if err == nil {
		s.seen.note(session.ID, session.SeenAt, s.now())
	}
	return session, err
}

// SignOut ends a session everywhere: its streams on every replica are closed.
func (s *Service) SignOut(ctx context.Context, session Session) error {
	return s.endSession(ctx, session.ID)
}

// endSession lets the shared cache forget before the store does, too: should the process end after the commit, or the commit's answer be lost, no
// replica learns from there of a session that is gone. So do the others below.
func (s *Service) endSession(ctx context.Context, id uuid.UUID) error {
	s.shared.Forget(ctx, id)
	if err := s.store.DeleteSession(ctx, id); err != nil {
		return err
	}
	s.ended(ctx, id)
	return nil
}

// ended makes every replica forget sessions and close their streams. Should the process end before it is said, EndedSessions finds them.
func (s *Service) ended(ctx context.Context, sessions ...uuid.UUID) {
	events := make([]InvalidateEvent, len(sessions))
	for i := range sessions {
		events[i].Session = &sessions[i]
	}
	s.changed(ctx, events...)
}

// Sessions lists where the viewer is signed in, the one used last first.
func (s *Service) Sessions(ctx context.Context, viewer Person) ([]Session, error) {
	return s.store.Sessions(ctx, viewer.ID, s.now())
}

// EndSession signs the viewer out of one of their sessions. NotFound: somebody else's, or none.
func (s *Service) EndSession(ctx context.Context, viewer Person, id uuid.UUID) error {
	s.shared.Forget(ctx, id)
	if err := s.store.EndSession(ctx, viewer.ID, id); err != nil {
		return err
	}
	s.ended(ctx, id)
	return nil
}

// EndOtherSessions signs a person out everywhere else.
func (s *Service) EndOtherSessions(ctx context.Context, current Session) error {
	list, err := s.store.Sessions(ctx, current.Person.ID, s.now())
	if err != nil {
		return err
	}
	for _, other := range list {
		if other.ID != current.ID {
			s.shared.Forget(ctx, other.ID)
		}
	}
	others, err := s.store.EndOtherSessions(ctx, current.Person.ID, current.ID)
	if err != nil {
		return err
	}
	s.ended(ctx, others...)
	return nil
}

// expiredStay is how long an expired session is kept: the clocks of replicas differ.
const (
	expiredStay = time.Hour
	expiredEach = 1000 // removed at once
)

// ForgetExpired removes what is left of sessions that expired, and answers how many.
func (s *Service) ForgetExpired(ctx context.Context) (all int, err error) {
	before := s.now().Add(-expiredStay)
	for n := expiredEach; n == expiredEach && err == nil; all += n {
		n, err = s.store.ForgetExpired(ctx, before, expiredEach)
	}
	return all, err
}

// EndedSessions names those of the sessions that aren't any more, and forgets them: what a lost InvalidateEvent would have said.
func (s *Service) EndedSessions(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
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
			s.forget(ctx, InvalidateEvent{Session: &id})
			ended = append(ended, id)
		}
	}
	return ended, nil
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
