package chat

import (
	"log/slog"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
)

// PeopleStore is the part of the store that People uses.
type PeopleStore interface {
	SearchStore
	FriendRequestStore
	FriendStore
	BlockStore
	InviteStore
	PresenceStore
	CountsStore
}

// PeopleDeps are the dependencies of People.
type PeopleDeps struct {
	Store          PeopleStore
	Bus            Publisher
	Access         *Access
	Presence       Presences
	RateLimits     limit.Store // shared by all replicas
	SearchRate     limit.Rate  // per person
	RequestsPerDay int         // friend requests, and friends by an invite link, per person; 0: unlimited
	Logger         *slog.Logger
	Now            func() time.Time
}

// People finds people, keeps friend requests, invite links, friendships and blocks, and
// announces presence. Safe for concurrent use.
type People struct {
	store          PeopleStore
	bus            Publisher
	access         *Access
	presence       Presences
	searches       *limit.TokenBuckets[uuid.UUID]
	presenceRate   *limit.TokenBuckets[uuid.UUID]
	laterPresence  laterPresence
	requestsPerDay int // counted by the store, for all replicas
	inviteKey      inviteKey
	logger         *slog.Logger
	now            func() time.Time
}

// NewPeople returns the service. It starts nothing.
func NewPeople(deps PeopleDeps) *People {
	return &People{
		store:          deps.Store,
		bus:            deps.Bus,
		access:         deps.Access,
		presence:       deps.Presence,
		searches:       limit.NewSharedTokenBuckets[uuid.UUID](deps.SearchRate, deps.Now, deps.RateLimits, "searches"),
		presenceRate:   limit.NewSharedTokenBuckets[uuid.UUID](presenceRate, deps.Now, deps.RateLimits, "presence"),
		laterPresence:  laterPresence{people: map[uuid.UUID]struct{}{}},
		requestsPerDay: deps.RequestsPerDay,
		logger:         deps.Logger,
		now:            deps.Now,
	}
}
