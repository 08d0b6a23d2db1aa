package chat

import (
	"context"

	"github.com/google/uuid"
)

// AccountStore keeps who people are.
type AccountStore interface {
	// Account finds the account of an identity, or makes one. Two at once make one.
	Account(ctx context.Context, who Identity) (Person, error)
	// Rename gives a person another name, which they have confirmed thereby. NotFound: no such person.
	Rename(ctx context.Context, person uuid.UUID, name string) error
}

// Person is what others may know of an account.
type Person struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Picture string    `json:"picture,omitempty"` // the hash by which /pictures/ serves it; "": initials
}

// Identity is who a provider says someone is. Accounts are keyed on provider and subject, never on an e-mail address.
type Identity struct {
	Provider string // "dev", "google", …
	Subject  string
	Name     string // used when the account is new
}

// ProviderDev is the development sign-in: one folded name is one account.
const ProviderDev = "dev"

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

// Rename gives the viewer another name, on every replica. Errors: Invalid (field name).
func (s *Service) Rename(ctx context.Context, viewer Person, name string) error {
	name, err := NormalizeName(name)
	if err != nil {
		return err
	}
	if err := s.store.Rename(ctx, viewer.ID, name); err != nil {
		return err
	}
	s.changed(ctx, viewer.ID)
	return nil
}
