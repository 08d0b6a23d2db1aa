package kafka

import (
	"sync"
	"time"
)

// breaker stands before the log. Open, it lets nothing through. Once the brokers answer again it is half open: they may answer everything and still acknowledge
// nothing, as one of three does that can't reach the others. Then a single message tries, the others go around, until one is acknowledged. Safe for concurrent use.
type breaker struct {
	mu    sync.Mutex
	state breakerState
	doubt bool      // the log answered and didn't acknowledge, so that answers alone don't close it
	tried bool      // half open: one is trying
	since time.Time // half open since
	wait  time.Duration
	until time.Time // open until then, whoever answers
}

type breakerState int

const (
	breakerClosed breakerState = iota
	breakerOpen
	breakerHalfOpen
)

// How long the breaker waits after an attempt that failed, at first and at most; and for an attempt before it closes without one, when nobody writes.
const (
	breakerFirst = 500 * time.Millisecond
	maxBreaker   = 8 * time.Second
	breakerQuiet = 2 * time.Second
)

// enter tells whether a message may be appended, and whether it is the one that tries. Its caller says then how that ended.
func (b *breaker) enter() (ok, tries bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == breakerHalfOpen && !b.tried {
		b.tried = true
		return true, true
	}
	return b.state == breakerClosed, false
}

// acknowledged closes it for one that tried. Of others that are late it says nothing: they may be of a partition that is well.
func (b *breaker) acknowledged(tries bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if tries || b.state == breakerClosed {
		b.state, b.doubt, b.tried, b.wait = breakerClosed, false, false, 0
	}
}

// failed hears of a message that wasn't acknowledged, and tells whether that opened it.
func (b *breaker) failed(tries bool, now time.Time) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if opened = b.state == breakerClosed; opened || tries {
		b.wait = min(max(2*b.wait, breakerFirst), maxBreaker)
		b.state, b.doubt, b.tried, b.until = breakerOpen, true, false, now.Add(b.wait)
	}
	return opened
}

// refused hears of a message that never left the process: it has tried nothing.
func (b *breaker) refused(tries bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tried = b.tried && !tries
}

// open opens it until the brokers answer.
func (b *breaker) open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state, b.tried = breakerOpen, false
}

// heard hears whether the brokers answer now, and tells whether that closed it.
func (b *breaker) heard(answers bool, now time.Time) (closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == breakerClosed || b.tried:
	case !answers:
		b.state = breakerOpen
	case !b.doubt:
		b.state = breakerClosed
	case b.state == breakerOpen && !now.Before(b.until):
		b.state, b.since = breakerHalfOpen, now
	case b.state == breakerHalfOpen && now.Sub(b.since) >= breakerQuiet:
		b.state = breakerClosed // b.wait stays: only an acknowledgement shows that all is well
	default:
		return false
	}
	return b.state == breakerClosed
}

func (b *breaker) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state == breakerClosed
}
