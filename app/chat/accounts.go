package chat

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
)

// AccountsStore is the part of the store that Accounts uses.
type AccountsStore interface {
	AccountStore
	SessionStore
	SettingsStore
	PictureStore
	ExportStore
	DeletionStore
}

// SharedPresence publishes that a person's presence is shown or hidden now (People).
type SharedPresence interface {
	SharePresenceChanged(ctx context.Context, person uuid.UUID) error
}

var _ SharedPresence = (*People)(nil)

// AccountsDeps are the dependencies of Accounts.
type AccountsDeps struct {
	Store      AccountsStore
	Bus        Publisher
	Access     *Access
	Presence   SharedPresence
	Groups     GroupPublisher
	RateLimits limit.Store // shared by all replicas
	SignInRate limit.Rate  // per address
	Logger     *slog.Logger
	Now        func() time.Time
}

// Accounts signs people in, and keeps their sessions, settings, names and pictures.
// It exports and deletes accounts. Safe for concurrent use.
type Accounts struct {
	store    AccountsStore
	bus      Publisher
	access   *Access
	presence SharedPresence
	groups   GroupPublisher
	signIns  *limit.TokenBuckets[netip.Prefix] // by limit.Network
	exports  *limit.TokenBuckets[uuid.UUID]

	signInStarts *limit.TokenBuckets[netip.Prefix]

	decoding *decoding
	seen     *seen
	logger   *slog.Logger
	now      func() time.Time
}

// startsPerSignIn is how many sign-ins an address may begin for each that it may finish.
const startsPerSignIn = 10

// NewAccounts returns the service. It starts nothing.
func NewAccounts(deps AccountsDeps) *Accounts {
	starts := limit.Rate{
		Burst:     deps.SignInRate.Burst * startsPerSignIn,
		PerSecond: deps.SignInRate.PerSecond * startsPerSignIn,
	}

	return &Accounts{
		store:    deps.Store,
		bus:      deps.Bus,
		access:   deps.Access,
		presence: deps.Presence,
		groups:   deps.Groups,
		signIns:  limit.NewSharedTokenBuckets[netip.Prefix](deps.SignInRate, deps.Now, deps.RateLimits, "signins"),
		exports:  limit.NewTokenBuckets[uuid.UUID](exportRate, deps.Now),

		signInStarts: limit.NewSharedTokenBuckets[netip.Prefix](starts, deps.Now, deps.RateLimits, "signin-starts"),

		decoding: newDecoding(),
		seen:     newSeen(),
		logger:   deps.Logger,
		now:      deps.Now,
	}
}
