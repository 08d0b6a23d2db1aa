package chat

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"parley/app/limit"
)

// Store is the durable truth (Postgres), a small port per noun, each in its noun's file. When it can't be reached every method answers an
// Unavailable error; a write whose commit was not confirmed also wraps ErrUnknownOutcome.
type Store interface {
	AccountStore
	SessionStore
	SettingsStore
	PictureStore
	PeopleStore
	FriendRequestStore
	FriendStore
	BlockStore
	PresenceStore
	ConversationStore
	DetailsStore
	DraftStore
	ReturnedStore
	MessageStore
	ExportStore
	DeletionStore
}

// Log is the durable log (Kafka).
type Log interface {
	// Append returns the message's offset once every in-sync replica of the partition has it. An error that wraps ErrUnknownOutcome means
	// that it may be in the log, now or later; any other, that it isn't and won't be. It returns no later than ctx ends.
	Append(ctx context.Context, m Message) (offset int64, err error)
}

// Bus carries live news between replicas and keeps the tails (Redis). Its writing methods don't fail: what could not be
// published is remembered, and the pages concerned are told to resync when the bus is back. No call takes longer than its deadline (300 ms).
type Bus interface {
	// Announce publishes a durable message to the members' streams; one from the log is added to the conversation's tail first, unless
	// the writer was faster.
	Announce(ctx context.Context, m Message, members []uuid.UUID)
	// Stored publishes the numbers, then takes the messages from the tails.
	Stored(ctx context.Context, batch []StoredConversation)
	// Publish sends an event to people's streams.
	Publish(ctx context.Context, e Event, to []uuid.UUID)
	// Broadcast sends an event to every replica.
	Broadcast(ctx context.Context, e Event)
	// Pending reads a conversation's tail in log order. Beside an error it answers those of this replica's own that wait to be added.
	Pending(ctx context.Context, conversation uuid.UUID) ([]Message, error)
	// TailFull tells that a conversation's tail has reached its bound.
	TailFull(ctx context.Context, conversation uuid.UUID) bool
}

// Service is everything that people can do.
type Service struct {
	store     Store
	log       Log
	bus       Bus
	presence  Presences
	shared    AccessCache
	logger    *slog.Logger
	now       func() time.Time
	authority *accessCache
	limits    *limits
	recent    *lru.Cache[uuid.UUID, Message] // messages sent a moment ago, for retries
	sends     singleflight.Group
	decoding  chan struct{} // one place for each picture that is being decoded
	seen      *seen
	exports   *limit.TokenBuckets[uuid.UUID]
	sending   limit.InFlight  // of sends
	direct    limit.Semaphore // of direct writes
	refusals  atomic.Int64    // when the last refusal for want of a place was logged, in Unix seconds

	forgetting chan struct{} // drafts on their way out
	observer   Observer      // nil: nobody's
}

const recentMessages = 4096

// NewService needs its ports; now is the clock.
func NewService(store Store, log Log, bus Bus, presence Presences, shared AccessCache, ledger limit.Store, limits Limits, logger *slog.Logger, now func() time.Time) *Service {
	recent, _ := lru.New[uuid.UUID, Message](recentMessages) // fails only for a size below 1
	s := &Service{
		store: store, log: log, bus: bus, presence: presence, shared: shared, logger: logger, now: now,
		authority: newAccessCache(store, shared, now),
		limits:    newLimits(limits, ledger, now),
		recent:    recent,
		decoding:  make(chan struct{}, maxDecoding),
		seen:      newSeen(),
		exports:   limit.NewTokenBuckets[uuid.UUID](exportLimit, now),
		direct:    limit.NewSemaphore(limits.DirectWrites),

		forgetting: make(chan struct{}, sentDrafts),
	}
	s.LimitSends(limits.SendsInFlight)
	return s
}

// changed makes every replica forget what is cached about what changed.
func (s *Service) changed(ctx context.Context, events ...InvalidateEvent) {
	s.forget(ctx, events...)
	for _, e := range events {
		s.bus.Broadcast(ctx, e)
	}
}

// forget drops what changed from what the replicas share, so that none finds the old there afterwards, then from what this one has.
func (s *Service) forget(ctx context.Context, events ...InvalidateEvent) {
	var ids []uuid.UUID
	for _, e := range events {
		for _, id := range []*uuid.UUID{e.Session, e.Person, e.Conversation} {
			if id != nil {
				ids = append(ids, *id)
			}
		}
	}
	if len(ids) > 0 {
		s.shared.Forget(ctx, ids...)
	}
	for _, e := range events {
		s.Invalidate(e)
	}
}

// Invalidate forgets what this replica has cached about what changed, here or on another replica.
func (s *Service) Invalidate(e InvalidateEvent) {
	if e.Session != nil {
		s.authority.forgetSession(*e.Session)
	}
	if e.Person != nil {
		s.authority.forgetPerson(*e.Person)
	}
	if e.Conversation != nil {
		s.authority.forgetMembership(*e.Conversation)
	}
}
