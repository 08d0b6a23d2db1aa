package chat

import (
	"context"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// Ledger keeps the budgets that all replicas spend from (Redis).
type Ledger interface {
	// Lease takes as many as there are of a bucket's tokens, at most want. Of an empty one it tells after how long there is one again. An error
	// means that the ledger is away. No call takes longer than its deadline (300 ms).
	Lease(ctx context.Context, bucket string, limit Limit, want int) (got int, wait time.Duration, err error)
}

// Buckets holds one token bucket per key, for the keys used most recently. Safe for concurrent use.
//
// Shared, a key's budget is one for all replicas. A replica leases an eighth of the burst (at least one token) in advance and spends it without asking;
// it asks for more in the background when half is gone. Every token comes from the ledger, so n replicas together admit, in any time t, at most
//
//	Burst + PerSecond × t + n × max(1, Burst/8)
//
// the last being what they held when t began. Each replica alone never admits more than Burst + PerSecond × t: that is also what holds while the
// ledger is away.
type Buckets[K comparable] struct {
	limit  Limit
	now    func() time.Time
	keys   *lru.Cache[K, *bucket]
	ledger Ledger // nil: not shared
	name   string
}

// bucket is one key's.
type bucket struct {
	own *rate.Limiter // what this replica alone may admit

	mu      sync.Mutex    // guards the fields below
	held    int           // leased, not spent
	empty   time.Time     // until when the ledger has none
	leasing chan struct{} // closed when the lease under way has come; nil: none is
}

const bucketCapacity = 50_000

// NewBuckets makes the buckets of one limit, this replica's own.
func NewBuckets[K comparable](limit Limit, now func() time.Time) *Buckets[K] {
	keys, _ := lru.New[K, *bucket](bucketCapacity) // fails only for a size below 1
	return &Buckets[K]{limit: limit, now: now, keys: keys}
}

// Shared makes their budgets those of all replicas, before they are used; name is theirs in the ledger.
func (b *Buckets[K]) Shared(ledger Ledger, name string) *Buckets[K] {
	b.ledger, b.name = ledger, name
	return b
}

// Take spends one of key's budget, or answers TooFast with when to come back.
func (b *Buckets[K]) Take(ctx context.Context, key K) error {
	_, err := b.reserve(ctx, key)
	return err
}

func (b *Buckets[K]) reserve(ctx context.Context, key K) (giveBack func(), err error) {
	if b.limit.Burst == 0 {
		return func() {}, nil
	}
	k := b.bucket(key)
	now := b.now()
	r := k.own.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return nil, tooFast(wait)
	}
	leased, wait := b.spend(ctx, key, k)
	if wait > 0 {
		r.CancelAt(now)
		return nil, tooFast(wait)
	}
	return func() { r.CancelAt(now); b.unspend(k, leased) }, nil
}

func (b *Buckets[K]) bucket(key K) *bucket {
	k, ok := b.keys.Get(key)
	if !ok {
		k = &bucket{own: rate.NewLimiter(rate.Limit(b.limit.PerSecond), b.limit.Burst)}
		if first, had, _ := b.keys.PeekOrAdd(key, k); had {
			k = first
		}
	}
	return k
}

func (b *Buckets[K]) lease() int { return max(1, b.limit.Burst/8) }

// spend takes a leased token, and tells that it did, or how long there is none. While the ledger is away none is needed.
func (b *Buckets[K]) spend(ctx context.Context, key K, k *bucket) (leased bool, wait time.Duration) {
	for b.ledger != nil {
		k.mu.Lock()
		under := k.leasing
		switch {
		case k.held > 0:
			k.held--
			if k.held <= b.lease()/2 && under == nil && !b.now().Before(k.empty) {
				k.leasing = make(chan struct{})
				go func() { _ = b.refill(context.WithoutCancel(ctx), key, k) }()
			}
			k.mu.Unlock()
			return true, 0
		case b.now().Before(k.empty):
			wait := k.empty.Sub(b.now())
			k.mu.Unlock()
			return false, wait
		case under == nil:
			k.leasing = make(chan struct{})
			k.mu.Unlock()
			if b.refill(ctx, key, k) != nil {
				return false, 0
			}
		default:
			k.mu.Unlock()
			<-under
		}
	}
	return false, 0
}

// refill brings what is held up to a lease. It is for the one who has set leasing.
func (b *Buckets[K]) refill(ctx context.Context, key K, k *bucket) error {
	k.mu.Lock()
	want := b.lease() - k.held
	k.mu.Unlock()
	got, wait, err := b.ledger.Lease(ctx, b.name+":"+fmt.Sprint(key), b.limit, want)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.held += got; got == 0 && err == nil {
		k.empty = b.now().Add(wait)
	}
	close(k.leasing)
	k.leasing = nil
	return err
}

func (b *Buckets[K]) unspend(k *bucket, leased bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if leased && k.held < b.lease() { // else another lease came meanwhile
		k.held++
	}
}
