package limit

import "sync/atomic"

// InFlight bounds the number of calls in progress by a maximum that can change. The
// zero InFlight is unbounded. Safe for concurrent use.
type InFlight struct {
	count   atomic.Int64
	maximum atomic.Int64
}

// Acquire counts a call and reports true, or reports false at the maximum.
func (f *InFlight) Acquire() bool {
	n := f.count.Add(1)
	if maximum := f.maximum.Load(); maximum > 0 && n > maximum {
		f.count.Add(-1)
		return false
	}
	return true
}

// Release ends a call. It follows an Acquire that reported true.
func (f *InFlight) Release() { f.count.Add(-1) }

// Full reports whether the next Acquire would fail.
func (f *InFlight) Full() bool {
	maximum := f.maximum.Load()
	return maximum > 0 && f.count.Load() >= maximum
}

// Count returns the number of calls in progress.
func (f *InFlight) Count() int { return int(f.count.Load()) }

// Max returns the maximum; 0 means unbounded.
func (f *InFlight) Max() int { return int(f.maximum.Load()) }

// SetMax changes the maximum; 0 means unbounded. Calls in progress continue.
func (f *InFlight) SetMax(n int) { f.maximum.Store(int64(n)) }
