package chat

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// Store is the durable truth (Postgres). When it can't be reached every method answers an Unavailable error; a write whose
// commit was not confirmed also wraps ErrUnknownOutcome.
type Store interface {
	// Account finds the account of an identity, or makes one. Two at once make one.
	Account(ctx context.Context, who Identity) (Person, error)
	CreateSession(ctx context.Context, s Session, tokenHash [32]byte) error
	// Session answers NotFound for a token that is unknown or whose session was ended.
	Session(ctx context.Context, tokenHash [32]byte) (Session, error)
	// DeleteSession ends a session; ending it twice is no error.
	DeleteSession(ctx context.Context, id uuid.UUID) error

	Friends(ctx context.Context, person uuid.UUID, page string, limit int) (FriendPage, error)

	// OpenDirect finds or makes the one conversation of two friends. NotFound: no such person; NotFriends; Invalid (field person): oneself.
	OpenDirect(ctx context.Context, person, friend uuid.UUID) (id uuid.UUID, created bool, err error)
	// Conversation answers NotFound unless the viewer is a member.
	Conversation(ctx context.Context, viewer, id uuid.UUID) (Conversation, error)
	// Conversations answers Invalid (field page) for a page that it didn't hand out.
	Conversations(ctx context.Context, viewer uuid.UUID, q ConversationQuery) (ConversationPage, error)
	// Membership answers NotFound for a conversation that doesn't exist.
	Membership(ctx context.Context, id uuid.UUID) (Membership, error)

	// Messages reads a page, ascending by seq; newest tells that no later one is stored.
	Messages(ctx context.Context, conversation uuid.UUID, r Range) (messages []Message, newest bool, err error)
	// Known tells which of the messages are stored.
	Known(ctx context.Context, conversation uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error)
	// StoreDirect numbers and stores messages of one conversation in the given order, dropping those known, in one transaction
	// behind the conversation's advisory lock. Its answer names all of them, with Offsets of those that have one.
	StoreDirect(ctx context.Context, conversation uuid.UUID, messages []Message) (StoredConversation, error)
	// MarkRead and MarkDelivered move a mark forward, clamped to the last seq; they answer where it is now and whether it moved.
	MarkRead(ctx context.Context, person, conversation uuid.UUID, seq int64) (now int64, moved bool, err error)
	MarkDelivered(ctx context.Context, person, conversation uuid.UUID, seq int64) (now int64, moved bool, err error)
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
	// Pending reads a conversation's tail in log order.
	Pending(ctx context.Context, conversation uuid.UUID) ([]Message, error)
	// TailFull tells that a conversation's tail has reached its bound.
	TailFull(ctx context.Context, conversation uuid.UUID) bool
}

// Service is everything that people can do.
type Service struct {
	store     Store
	log       Log
	bus       Bus
	logger    *slog.Logger
	now       func() time.Time
	authority *authority
	limits    *limits
	recent    *lru.Cache[uuid.UUID, Message] // messages sent a moment ago, for retries
	sends     singleflight.Group
}

const recentMessages = 4096

// NewService needs its ports; now is the clock.
func NewService(store Store, log Log, bus Bus, limits Limits, logger *slog.Logger, now func() time.Time) *Service {
	recent, _ := lru.New[uuid.UUID, Message](recentMessages) // fails only for a size below 1
	return &Service{
		store: store, log: log, bus: bus, logger: logger, now: now,
		authority: newAuthority(store, now),
		limits:    newLimits(limits, now),
		recent:    recent,
	}
}

// Invalidate forgets what is cached about what changed, here or on another replica.
func (s *Service) Invalidate(e InvalidateEvent) {
	if e.Session != nil {
		s.authority.forgetSession(*e.Session)
	}
	if e.Conversation != nil {
		s.authority.forgetMembership(*e.Conversation)
	}
}
