package chattest

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parley/app/chat"
)

// Ledger is chat.Ledger in memory.
type Ledger struct {
	now     func() time.Time
	mu      sync.Mutex // guards the fields below
	down    bool
	asked   int
	buckets map[string]*rate.Limiter
}

var _ chat.Ledger = (*Ledger)(nil)

// NewRateLimitStore makes an empty one; now is its clock.
func NewLedger(now func() time.Time) *Ledger {
	return &Ledger{now: now, buckets: map[string]*rate.Limiter{}}
}

func (l *Ledger) Lease(_ context.Context, bucket string, limit chat.Limit, want int) (int, time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if l.down {
		return 0, 0, chat.Unavailable("memory", context.DeadlineExceeded)
	}
	b := l.buckets[bucket]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(limit.PerSecond), limit.Burst)
		l.buckets[bucket] = b
	}
	now := l.now()
	level := b.TokensAt(now)
	got := min(want, int(level))
	if got == 0 {
		return 0, max(time.Millisecond, time.Duration((1-level)/limit.PerSecond*float64(time.Second))), nil
	}
	b.AllowN(now, got)
	return got, 0, nil
}

// SetDown makes it away, or lets it come back.
func (l *Ledger) SetDown(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
}

// Asked is how often it was asked.
func (l *Ledger) Asked() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked
}
