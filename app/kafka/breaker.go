package kafka

import (
	"sync"
	"time"
)

// breaker is a circuit breaker before the log. While it is open, no message passes. When the
// brokers answer again it is half open, because brokers may answer every request and still
// acknowledge nothing, for example one of three that cannot reach the others. Then a single
// trial message passes; the others do not until a message is acknowledged. Safe for concurrent
// use.
type breaker struct {
	mu            sync.Mutex
	state         breakerState
	needsTrial    bool // the log answered without acknowledging, so answers alone do not close the breaker
	trying        bool // half open: a trial message is under way
	halfOpenSince time.Time
	delay         time.Duration // of the last failure
	openUntil     time.Time     // earliest time of the next trial
}

type breakerState int

const (
	breakerClosed breakerState = iota
	breakerOpen
	breakerHalfOpen
)

const (
	// The delay after a failed message: minBreakerDelay after the first, doubled after each,
	// at most maxBreakerDelay.
	minBreakerDelay = 500 * time.Millisecond
	maxBreakerDelay = 8 * time.Second

	// trialPeriod is how long a half-open breaker waits for a trial message. If nobody sends
	// one, it closes.
	trialPeriod = 2 * time.Second
)

// acquire reports whether a message may be appended, and whether it is the trial message. The
// caller must then report the outcome: acknowledged, failed or notSent.
func (b *breaker) acquire() (ok, trial bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == breakerHalfOpen && !b.trying {
		b.trying = true
		return true, true
	}
	return b.state == breakerClosed, false
}

// acknowledged closes the breaker after a trial message. Other messages that were appended
// before do not close it, because their partition may be well while another is not.
func (b *breaker) acknowledged(trial bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if trial || b.state == breakerClosed {
		b.state, b.needsTrial, b.trying, b.delay = breakerClosed, false, false, 0
	}
}

// failed reports a message that was not acknowledged. It returns whether that opened the
// breaker.
func (b *breaker) failed(trial bool, now time.Time) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if opened = b.state == breakerClosed; opened || trial {
		b.delay = min(max(2*b.delay, minBreakerDelay), maxBreakerDelay)
		b.state, b.needsTrial, b.trying, b.openUntil = breakerOpen, true, false, now.Add(b.delay)
	}
	return opened
}

// notSent reports a message that never left the process, so that it was no trial.
func (b *breaker) notSent(trial bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = b.trying && !trial
}

// open opens the breaker until the brokers answer.
func (b *breaker) open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state, b.trying = breakerOpen, false
}

// probed reports whether the brokers answer now. It returns whether that closed the breaker.
func (b *breaker) probed(answer bool, now time.Time) (closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == breakerClosed || b.trying:
	case !answer:
		b.state = breakerOpen
	case !b.needsTrial:
		b.state = breakerClosed
	case b.state == breakerOpen && !now.Before(b.openUntil):
		b.state, b.halfOpenSince = breakerHalfOpen, now
	case b.state == breakerHalfOpen && now.Sub(b.halfOpenSince) >= trialPeriod:
		b.state = breakerClosed // delay stays: only an acknowledgement shows that the log is well
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
