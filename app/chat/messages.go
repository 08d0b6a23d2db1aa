package chat

import (
	"cmp"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"parley/app/limit"
)

// MessagesStore is the part of the store that Messages uses.
type MessagesStore interface {
	MessageStore
	ConversationStore
	ArrangementStore
	DetailsStore
	DraftStore
	ReturnedStore
	GroupStore
	GroupInviteStore
	CountsStore
}

// MessagesDeps are the dependencies of Messages.
type MessagesDeps struct {
	Store      MessagesStore
	Log        Log
	Bus        MessageBus
	Access     *Access
	Activities Activities  // presence of the members
	RateLimits limit.Store // shared by all replicas
	Limits     MessageLimits
	Observer   Observer // nil: NoObserver
	Logger     *slog.Logger
	Now        func() time.Time
}

// MessageLimits bound the sends.
type MessageLimits struct {
	PerPerson       limit.Rate
	PerConversation limit.Rate

	InFlight     int // concurrent sends of this replica; 0: unlimited
	DirectWrites int // concurrent writes without the log; 0: unlimited

	GroupMembers int // members of a group; 0: MaxGroupMembers
}

// Messages sends messages, reads conversations, and keeps what belongs to them:
// marks, drafts and returned messages. Safe for concurrent use.
type Messages struct {
	store      MessagesStore
	log        Log
	bus        MessageBus
	access     *Access
	activities Activities
	observer   Observer
	logger     *slog.Logger
	now        func() time.Time

	recent   *lru.Cache[uuid.UUID, Message] // recent sends, for retries
	sends    singleflight.Group             // by message id
	numbers  *checkedNumbers
	inFlight limit.InFlight
	direct   limit.Semaphore // direct writes
	warnedAt atomic.Int64    // Unix time of the last overload warning

	people        *limit.TokenBuckets[uuid.UUID]
	conversations *limit.TokenBuckets[uuid.UUID]
	typing        *limit.TokenBuckets[typist]
	drafts        *limit.TokenBuckets[uuid.UUID]
	deletions     limit.Semaphore // of drafts whose message was sent
	maxMembers    int             // of a group
	inviteKey     inviteKey
}

// maxRecent is how many sends a retry is recognized among without the store.
const maxRecent = 4096

// NewMessages returns the service. It starts nothing.
func NewMessages(deps MessagesDeps) *Messages {
	recent, _ := lru.New[uuid.UUID, Message](maxRecent) // fails only for a size below 1
	limits, now := deps.Limits, deps.Now
	s := &Messages{
		store:      deps.Store,
		log:        deps.Log,
		bus:        deps.Bus,
		access:     deps.Access,
		activities: deps.Activities,
		observer:   cmp.Or[Observer](deps.Observer, NoObserver{}),
		logger:     deps.Logger,
		now:        now,

		recent:  recent,
		numbers: newCheckedNumbers(),
		direct:  limit.NewSemaphore(limits.DirectWrites),

		people:        limit.NewSharedTokenBuckets[uuid.UUID](limits.PerPerson, now, deps.RateLimits, "messages"),
		conversations: limit.NewSharedTokenBuckets[uuid.UUID](limits.PerConversation, now, deps.RateLimits, "conversation"),
		typing:        limit.NewTokenBuckets[typist](typingRate, now),
		drafts:        limit.NewTokenBuckets[uuid.UUID](draftRate, now),
		deletions:     limit.NewSemaphore(maxDraftDeletions),
		maxMembers:    cmp.Or(limits.GroupMembers, MaxGroupMembers),
	}

	s.LimitSends(limits.InFlight)
	return s
}
