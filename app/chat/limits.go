package chat

import (
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
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

	RequestsPerDay int // to be friends, per person; 0: any
}

// Buckets holds one bucket per key, for the keys used most recently. Safe for concurrent use.
type Buckets[K comparable] struct {
	limit Limit
	now   func() time.Time
	keys  *lru.Cache[K, *rate.Limiter]
}

const bucketCapacity = 50_000

// NewBuckets makes the buckets of one limit.
func NewBuckets[K comparable](limit Limit, now func() time.Time) *Buckets[K] {
	keys, _ := lru.New[K, *rate.Limiter](bucketCapacity) // fails only for a size below 1
	return &Buckets[K]{limit: limit, now: now, keys: keys}
}

// Take spends one of key's budget, or answers TooFast with when to come back.
func (b *Buckets[K]) Take(key K) error {
	_, err := b.reserve(key)
	return err
}

func (b *Buckets[K]) reserve(key K) (giveBack func(), err error) {
	if b.limit.Burst == 0 {
		return func() {}, nil
	}
	bucket, ok := b.keys.Get(key)
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(b.limit.PerSecond), b.limit.Burst)
		if first, had, _ := b.keys.PeekOrAdd(key, bucket); had {
			bucket = first
		}
	}
	now := b.now()
	r := bucket.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return nil, tooFast(wait)
	}
	return func() { r.CancelAt(now) }, nil
}

type limits struct {
	people        *Buckets[uuid.UUID]
	conversations *Buckets[uuid.UUID]
	searches      *Buckets[uuid.UUID]

	requestsPerDay int
}

func newLimits(l Limits, now func() time.Time) *limits {
	return &limits{
		people: NewBuckets[uuid.UUID](l.Messages, now), conversations: NewBuckets[uuid.UUID](l.Conversation, now),
		searches: NewBuckets[uuid.UUID](l.Searches, now), requestsPerDay: l.RequestsPerDay,
	}
}

// allowMessage spends from the sender's and the conversation's budget, from both or from neither.
func (l *limits) allowMessage(sender, conversation uuid.UUID) error {
	giveBack, err := l.people.reserve(sender)
	if err != nil {
		return err
	}
	if _, err := l.conversations.reserve(conversation); err != nil {
		giveBack()
		return err
	}
	return nil
}
