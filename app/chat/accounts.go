package chat

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"
)

// AccountStore keeps who people are.
type AccountStore interface {
	// Account finds the account of an identity, or makes one. Two at once make one.
	// A new account of another provider than ProviderDev is unconfirmed.
	Account(ctx context.Context, who Identity) (Person, error)
	// Rename gives an account a name that was normalised, and confirms it. NotFound: there is no such account.
	Rename(ctx context.Context, person uuid.UUID, name string) error
	// SpendSignIn uses up a sign-in's secret, kept until it would have expired by itself. NotFound: it was used before.
	SpendSignIn(ctx context.Context, secretHash [32]byte, until time.Time) error
}

// Person is what others may know of an account.
type Person struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Picture string    `json:"picture,omitempty"` // the hash by which /pictures/ serves it; "": initials
}

// Identity is who a provider says someone is. Accounts are keyed on provider and subject, never on an e-mail address.
type Identity struct {
	Provider string // "dev", "google", or the issuer of another OpenID provider
	Subject  string
	Name     string // used when the account is new; a provider's is then confirmed by its person
}

// ProviderDev is the development sign-in: one folded name is one account.
const ProviderDev = "dev"

// SignIn finds or makes the account and opens a new session on it, whose token it returns. previous, the token that came with
// the request (may be empty), is ended: a token is never carried through a sign-in.
func (s *Service) SignIn(ctx context.Context, who Identity, device, previous string) (Session, string, error) {
	if who.Provider == ProviderDev {
		name, err := NormalizeName(who.Name)
		if err != nil {
			return Session{}, "", err
		}
		who.Name, who.Subject = name, FoldName(name)
	} else {
		who.Name = SuggestName(who.Name)
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

// SpendSignIn lets a sign-in that came back from its provider count once: the secret that was made for it (128 bits or more) is refused
// with NotFound when it comes again, on any replica, even if the browser kept its cookie and the provider takes a code twice.
func (s *Service) SpendSignIn(ctx context.Context, secret string, until time.Time) error {
	return s.store.SpendSignIn(ctx, sha256.Sum256([]byte("parley sign-in "+secret)), until)
}

// Rename gives a person the name that they typed, which confirms it. Everyone reads it from then on.
func (s *Service) Rename(ctx context.Context, viewer Person, name string) error {
	name, err := NormalizeName(name)
	if err != nil {
		return err
	}
	err = s.store.Rename(ctx, viewer.ID, name)
	s.personChanged(ctx, viewer.ID) // after an error too: it may have happened
	return err
}

// personChanged makes every replica forget what it has cached of a person.
func (s *Service) personChanged(ctx context.Context, id uuid.UUID) {
	s.changed(ctx, InvalidateEvent{Person: &id})
}
