package limit

import "time"

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

// Acquire waits at most timeout for a slot, and reports whether it acquired one.
func (s Semaphore) Acquire(timeout time.Duration) bool {
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
	}
}

// Release frees a slot that was acquired.
func (s Semaphore) Release() {
	if s != nil {
		<-s
	}
}
