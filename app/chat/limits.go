package chat

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// Limit is a token bucket: Burst at once, then PerSecond. A Burst of 0 is no limit.
type Limit struct {
	Burst     int
	PerSecond float64
}

// Limits are how fast people may do things.
type Limits struct {
	Messages     Limit // per person
	Conversation Limit // per conversation
	Searches     Limit // for people, per person
	SignIns      Limit // per address

	RequestsPerDay int // to be friends, per person; 0: any

	SendsInFlight int // in this replica at once; 0: any
	DirectWrites  int // of them past the log, into the store; 0: any
}

type limits struct {
	people        *Buckets[uuid.UUID]
	conversations *Buckets[uuid.UUID]
	searches      *Buckets[uuid.UUID]
	signIns       *Buckets[netip.Addr]

	requestsPerDay int // counted by the store, for all replicas
	typing         *Buckets[writing]
	drafts         *Buckets[uuid.UUID]
}

func newLimits(l Limits, ledger Ledger, now func() time.Time) *limits {
	return &limits{
		people:        NewBuckets[uuid.UUID](l.Messages, now).Shared(ledger, "messages"),
		conversations: NewBuckets[uuid.UUID](l.Conversation, now).Shared(ledger, "conversation"),
		searches:      NewBuckets[uuid.UUID](l.Searches, now).Shared(ledger, "searches"),
		signIns:       NewBuckets[netip.Addr](l.SignIns, now).Shared(ledger, "signins"),

		requestsPerDay: l.RequestsPerDay,
		typing:         NewBuckets[writing](typingLimit, now), drafts: NewBuckets[uuid.UUID](draftLimit, now),
	}
}

// allowMessage spends from the sender's and the conversation's budget, from both or from neither.
func (l *limits) allowMessage(ctx context.Context, sender, conversation uuid.UUID) error {
	giveBack, err := l.people.reserve(ctx, sender)
	if err != nil {
		return err
	}
	if _, err := l.conversations.reserve(ctx, conversation); err != nil {
		giveBack()
		return err
	}
	return nil
}

// AllowSignIn spends one of an address' sign-ins. Errors: TooFast.
func (s *Service) AllowSignIn(ctx context.Context, address netip.Addr) error {
	return s.limits.signIns.Take(ctx, address)
}
