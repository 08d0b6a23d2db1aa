package chat

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
)

// Limits bound how fast people may do things.
type Limits struct {
	Messages     limit.Rate // per person
	Conversation limit.Rate // messages per conversation
	Searches     limit.Rate // for people, per person
	SignIns      limit.Rate // per address

	RequestsPerDay int // friend requests per person; 0: unlimited

	SendsInFlight int // concurrent sends of this replica; 0: unlimited
	DirectWrites  int // concurrent writes past the log; 0: unlimited
}

type limits struct {
	people        *limit.TokenBuckets[uuid.UUID]
	conversations *limit.TokenBuckets[uuid.UUID]
	searches      *limit.TokenBuckets[uuid.UUID]
	signIns       *limit.TokenBuckets[netip.Addr]

	requestsPerDay int // counted by the store, for all replicas
	typing         *limit.TokenBuckets[writing]
	drafts         *limit.TokenBuckets[uuid.UUID]
}

func newLimits(l Limits, store limit.Store, now func() time.Time) *limits {
	return &limits{
		people:        limit.NewSharedTokenBuckets[uuid.UUID](l.Messages, now, store, "messages"),
		conversations: limit.NewSharedTokenBuckets[uuid.UUID](l.Conversation, now, store, "conversation"),
		searches:      limit.NewSharedTokenBuckets[uuid.UUID](l.Searches, now, store, "searches"),
		signIns:       limit.NewSharedTokenBuckets[netip.Addr](l.SignIns, now, store, "signins"),

		requestsPerDay: l.RequestsPerDay,
		typing:         limit.NewTokenBuckets[writing](typingLimit, now),
		drafts:         limit.NewTokenBuckets[uuid.UUID](draftLimit, now),
	}
}

// allowMessage spends a token of the sender and one of the conversation, or
// neither.
func (l *limits) allowMessage(ctx context.Context, sender, conversation uuid.UUID) error {
	cancel, err := l.people.Reserve(ctx, sender)
	if err != nil {
		return tooFast(err)
	}
	if err := l.conversations.Take(ctx, conversation); err != nil {
		cancel()
		return tooFast(err)
	}
	return nil
}

// AllowSignIn spends one of an address' sign-ins. Errors: TooFast.
func (s *Service) AllowSignIn(ctx context.Context, address netip.Addr) error {
	return tooFast(s.limits.signIns.Take(ctx, address))
}
