package limit

import (
	"context"
	"time"
)

// Semaphore bounds how many goroutines do something at once. The nil Semaphore is
// no bound.
type Semaphore chan struct{}

// NewSemaphore returns a semaphore with n slots, or none for 0.
func NewSemaphore(n int) Semaphore {
	if n == 0 {
		return nil
	}
	return make(Semaphore, n)
}

// TryAcquire acquires a slot if one is free, and reports whether it did.
func (s Semaphore) TryAcquire() bool {
	if s == nil {
		return true
	}

	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

// Acquire waits for a slot, at most for timeout and until ctx ends. It reports
// whether it acquired one.
func (s Semaphore) Acquire(ctx context.Context, timeout time.Duration) bool {
	if s.TryAcquire() {
		return true
	}

	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case s <- struct{}{}:
		return true
	case <-timer.C:
		return false
	case <-ctx.Done():
		return false
	}
}

// Release frees a slot that was acquired.
func (s Semaphore) Release() {
	if s != nil {
		<-s
	}
}
