package limit

import (
	"context"
	"time"
)

// Semaphore bounds the number of concurrent goroutines. The nil Semaphore is
// unbounded.
type Semaphore chan struct{}

// NewSemaphore returns a semaphore with n slots; 0 means unbounded.
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

// Acquire waits for a slot until timeout or the end of ctx. It reports whether it
// acquired one.
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

// Release frees an acquired slot.
func (s Semaphore) Release() {
	if s != nil {
		<-s
	}
}
