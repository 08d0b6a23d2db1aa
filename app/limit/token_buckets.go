package limit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// TokenBuckets holds one token bucket per key, for the 50,000 most recently used
// keys. Safe for concurrent use.
//
// With a Store, all replicas share a key's bucket. A replica leases an eighth of
// the burst (at least one token) in advance and spends the lease without a call to
// the store; it renews the lease in the background when half of it is spent. Every
// token comes from the store, so n replicas together admit, in any time t, at most
//
//	Burst + PerSecond × t + n × max(1, Burst/8)
//
// where the last term is the tokens that they held at the start of t. Each replica
// alone never admits more than Burst + PerSecond × t. That bound also holds while the store is
// unavailable.
type TokenBuckets[K comparable] struct {
	rate  Rate
	now   func() time.Time
	keys  *lru.Cache[K, *bucket]
	store Store // nil: the buckets are this replica's own
	name  string
}

// bucket is the state of one key in this replica.
type bucket struct {
	local *rate.Limiter // the bound of this replica alone

	mu         sync.Mutex    // guards the fields below
	held       int           // tokens that were leased and not spent
	emptyUntil time.Time     // no token is in the store before then
	leasing    chan struct{} // closed when the lease call in progress returns; nil: none is
}

// maxBuckets bounds the memory of one set of buckets.
const maxBuckets = 50_000

// NewTokenBuckets returns buckets of this replica alone; now is their clock.
func NewTokenBuckets[K comparable](r Rate, now func() time.Time) *TokenBuckets[K] {
	return NewSharedTokenBuckets[K](r, now, nil, "")
}

// NewSharedTokenBuckets returns buckets that all replicas share through the store,
// where the key of each begins with name and a colon.
func NewSharedTokenBuckets[K comparable](r Rate, now func() time.Time, store Store, name string) *TokenBuckets[K] {
	keys, _ := lru.New[K, *bucket](maxBuckets) // fails only for a size below 1
	return &TokenBuckets[K]{rate: r, now: now, keys: keys, store: store, name: name}
}

// Take spends one token of the key's bucket. It returns an *Exceeded error when
// there is none.
func (b *TokenBuckets[K]) Take(ctx context.Context, key K) error {
	_, err := b.Reserve(ctx, key)
	return err
}

// Reserve does the same as Take, and returns a function that returns the token to the
// bucket.
func (b *TokenBuckets[K]) Reserve(ctx context.Context, key K) (cancel func(), err error) {
	if b.rate.Burst == 0 {
		return func() {}, nil
	}

	k := b.bucket(key)
	now := b.now()
	r := k.local.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return nil, &Exceeded{RetryAfter: wait}
	}

	leased, wait := b.spend(ctx, key, k)
	if wait > 0 {
		r.CancelAt(now)
		return nil, &Exceeded{RetryAfter: wait}
	}

	return func() {
		r.CancelAt(now)
		b.unspend(k, leased)
	}, nil
}

// TakeN spends n tokens of the key's bucket, or none. It returns an *Exceeded error when
// there are fewer. With a Store, a failed call may lose the tokens beyond one lease.
func (b *TokenBuckets[K]) TakeN(ctx context.Context, key K, n int) error {
	var taken []func()
	for i := range n {
		cancel, err := b.Reserve(ctx, key)
		if err == nil {
			taken = append(taken, cancel)
			continue
		}

		for _, undo := range taken {
			undo()
		}

		var exceeded *Exceeded
		if errors.As(err, &exceeded) && b.rate.PerSecond > 0 {
			rest := float64(n-i-1) / b.rate.PerSecond
			return &Exceeded{RetryAfter: exceeded.RetryAfter + time.Duration(rest*float64(time.Second))}
		}
		return err
	}

	return nil
}

// bucket returns the key's bucket, which it creates if there is none.
func (b *TokenBuckets[K]) bucket(key K) *bucket {
	k, ok := b.keys.Get(key)
	if !ok {
		k = &bucket{local: rate.NewLimiter(rate.Limit(b.rate.PerSecond), b.rate.Burst)}
		if first, had, _ := b.keys.PeekOrAdd(key, k); had {
			k = first
		}
	}
	return k
}

// leaseSize is the maximum number of tokens that a replica holds.
func (b *TokenBuckets[K]) leaseSize() int { return max(1, b.rate.Burst/8) }

// spend removes a leased token. It reports whether it removed one, or returns the time
// until the next token. While the store is unavailable, a call needs no token.
func (b *TokenBuckets[K]) spend(ctx context.Context, key K, k *bucket) (leased bool, wait time.Duration) {
	for b.store != nil {
		k.mu.Lock()
		inProgress := k.leasing
		switch {
		case k.held > 0:
			k.held--
			if k.held <= b.leaseSize()/2 && inProgress == nil && !b.now().Before(k.emptyUntil) {
				k.leasing = make(chan struct{})
				go func() { _ = b.refill(context.WithoutCancel(ctx), key, k) }()
			}
			k.mu.Unlock()
			return true, 0

		case b.now().Before(k.emptyUntil):
			wait := k.emptyUntil.Sub(b.now())
			k.mu.Unlock()
			return false, wait

		case inProgress == nil:
			k.leasing = make(chan struct{})
			k.mu.Unlock()
			if b.refill(ctx, key, k) != nil {
				return false, 0
			}

		default:
			k.mu.Unlock()
			<-inProgress
		}
	}

	return false, 0
}

// refill raises the held tokens to a whole lease. Only the goroutine that has set
// leasing may call it.
func (b *TokenBuckets[K]) refill(ctx context.Context, key K, k *bucket) error {
	k.mu.Lock()
	want := b.leaseSize() - k.held
	k.mu.Unlock()

	got, wait, err := b.store.Lease(ctx, b.name+":"+fmt.Sprint(key), b.rate, want)

	k.mu.Lock()
	defer k.mu.Unlock()
	if k.held += got; got == 0 && err == nil {
		k.emptyUntil = b.now().Add(wait)
	}

	close(k.leasing)
	k.leasing = nil
	return err
}

// unspend returns a token to the lease, unless another lease has filled it since.
func (b *TokenBuckets[K]) unspend(k *bucket, leased bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if leased && k.held < b.leaseSize() {
		k.held++
	}
}
