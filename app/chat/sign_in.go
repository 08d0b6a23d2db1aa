package chat

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
)

// AccountStore keeps accounts.
type AccountStore interface {
	// Account returns the account of an identity, which it creates if needed. Concurrent
	// calls create one. A new account of another provider than ProviderDev is
	// unconfirmed.
	Account(ctx context.Context, who Identity) (Person, error)
	// Rename gives an account a normalised name and confirms it. NotFound: there is no
	// such account.
	Rename(ctx context.Context, person uuid.UUID, name string) error
	// SpendSignIn marks a sign-in's secret as used until it would have expired.
	// NotFound: it was used before.
	SpendSignIn(ctx context.Context, secretHash [32]byte, until time.Time) error
}

// Identity is a person's identity at a provider. Accounts are keyed on provider and
// subject, never on an e-mail address.
type Identity struct {
	Provider string // "dev", "google", or the issuer of another OpenID provider
	Subject  string
	Name     string // of a new account; the person confirms a provider's name
}

// ProviderDev is the development sign-in, where each folded name is one account.
const ProviderDev = "dev"

// AllowSignInStart spends one of an address' beginnings of sign-ins, of which it has more
// than sign-ins: a page of another site may make a browser begin one. Errors: TooFast.
func (s *Accounts) AllowSignInStart(ctx context.Context, address netip.Addr) error {
	return tooFast(s.signInStarts.Take(ctx, limit.Network(address)))
}

// AllowSignIn spends one of the sign-ins of an address, or of its IPv6 /64. Errors: TooFast.
func (s *Accounts) AllowSignIn(ctx context.Context, address netip.Addr) error {
	return tooFast(s.signIns.Take(ctx, limit.Network(address)))
}

// SignIn returns a new session of the identity's account and its token. It creates the
// account if needed, and ends the session of previous, the token that came with the
// request ("" for none), because a token must not survive a sign-in.
func (s *Accounts) SignIn(ctx context.Context, who Identity, device, previous string) (Session, string, error) {
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

	token, now := NewToken(), s.now()
	hash := TokenHash(token)
	session := Session{
		ID:        SessionID(hash),
		Person:    person,
		Device:    truncate(device, maxDevice),
		CreatedAt: now,
		ExpiresAt: now.Add(SessionLifetime),
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

// SpendSignIn makes a sign-in at a provider count once. A secret (128 bits or more)
// that comes back a second time is NotFound, on any replica, even if the browser kept
// its cookie and the provider accepts a code twice.
func (s *Accounts) SpendSignIn(ctx context.Context, secret string, until time.Time) error {
	return s.store.SpendSignIn(ctx, sha256.Sum256([]byte("parley sign-in "+secret)), until)
}

// truncate shortens s to at most n bytes without splitting a code point.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
