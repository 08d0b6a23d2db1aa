package limit

import "sync/atomic"

// InFlight counts calls in progress against a maximum that may change. The zero
// InFlight has no maximum. Safe for concurrent use.
type InFlight struct {
	count   atomic.Int64
	maximum atomic.Int64
}

// Acquire counts one call more, and reports false when the maximum is reached.
func (f *InFlight) Acquire() bool {
	n := f.count.Add(1)
	if maximum := f.maximum.Load(); maximum > 0 && n > maximum {
		f.count.Add(-1)
		return false
	}
	return true
}

// Release counts one call less, after an Acquire that reported true.
func (f *InFlight) Release() { f.count.Add(-1) }

// Full reports whether the next Acquire would fail.
func (f *InFlight) Full() bool {
	maximum := f.maximum.Load()
	return maximum > 0 && f.count.Load() >= maximum
}

// Count returns how many calls are in progress.
func (f *InFlight) Count() int { return int(f.count.Load()) }

// Max returns the maximum; 0 is none.
func (f *InFlight) Max() int { return int(f.maximum.Load()) }

// SetMax changes the maximum; 0 is none. Calls in progress continue.
func (f *InFlight) SetMax(n int) { f.maximum.Store(int64(n)) }
