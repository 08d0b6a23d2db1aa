// Package loop has the waits of background tasks: repetition at an interval, and
// backoff after failures.
package loop

import (
	"context"
	"time"
)

// Every calls f once per interval until ctx ends. The first call comes after one
// interval. Calls never overlap: a slow one delays the next.
func Every(ctx context.Context, interval time.Duration, f func(ctx context.Context)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()

	for {
		select {
		case <-ticker.C:
			f(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// Sleep waits for d. It reports true after d, and false if ctx ended before.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Backoff is the wait between attempts: Min after the first failure, doubled
// after each further one, at most Max. Not safe for concurrent use.
type Backoff struct {
	Min, Max time.Duration

	next time.Duration
}

// Wait sleeps for the current delay and doubles it. It reports false when ctx
// ended.
func (b *Backoff) Wait(ctx context.Context) bool {
	delay := max(b.next, b.Min)
	b.next = min(2*delay, b.Max)
	return Sleep(ctx, delay)
}

// Reset makes the next Wait the shortest again, after a success.
func (b *Backoff) Reset() { b.next = 0 }
