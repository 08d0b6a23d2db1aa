package kafka

import (
	"testing"
	"time"
)

// TestBreaker plays sequences of events and checks which messages pass after each.
func TestBreaker(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	begin := time.Now()
	var b breaker
	var now time.Time
	answer := func() { b.probed(true, now) }
	noAnswer := func() { b.probed(false, now) }
	failed := func(trial bool) func() { return func() { b.failed(trial, now) } }
	acknowledged := func(trial bool) func() { return func() { b.acknowledged(trial) } }
	trialNotSent := func() { b.notSent(true) }

	type step struct {
		event  string
		at     time.Duration
		do     func()
		closed bool
		ok     bool // result of acquire after the event
		trial  bool
	}
	for name, steps := range map[string][]step{
		"at the start": {
			{"no broker has answered", 0, b.open, false, false, false},
			{"no answer", 500 * ms, noAnswer, false, false, false},
			{"the brokers answer", 1000 * ms, answer, true, true, false},
		},
		"the trial message is acknowledged": {
			{"a message fails", 0, failed(false), false, false, false},
			{"an answer before the delay", 499 * ms, answer, false, false, false},
			{"the brokers answer", 500 * ms, answer, false, true, true},
			{"a long trial, with answers", 5000 * ms, answer, false, false, false},
			{"a long trial, without an answer", 5000 * ms, noAnswer, false, false, false},
			{"an older message is acknowledged", 5000 * ms, acknowledged(false), false, false, false},
			{"the trial message is acknowledged", 5000 * ms, acknowledged(true), true, true, false},
		},
		"answers without acknowledgements": {
			{"a message fails", 0, failed(false), false, false, false},
			{"the brokers answer", 500 * ms, answer, false, true, true},
			{"the trial message fails", 2000 * ms, failed(true), false, false, false},
			{"an older message fails", 2900 * ms, failed(false), false, false, false},
			{"an answer before the doubled delay", 2999 * ms, answer, false, false, false},
			{"the brokers answer", 3000 * ms, answer, false, true, true},
			{"the trial message is not sent", 3000 * ms, trialNotSent, false, true, true},
			{"the next trial message fails", 4000 * ms, failed(true), false, false, false},
			{"an answer before the delay", 5999 * ms, answer, false, false, false},
			{"the brokers answer", 6000 * ms, answer, false, true, true},
		},
	} {
		b = breaker{}
		for _, s := range steps {
			now = begin.Add(s.at)
			s.do()
			closed := b.closed()
			if ok, trial := b.acquire(); closed != s.closed || ok != s.ok || trial != s.trial {
				t.Errorf("%s: %s at %v: closed %v, acquire %v, trial %v", name, s.event, s.at, closed, ok, trial)
			}
		}
	}
}

// TestAHalfOpenBreakerClosesWithoutATrial if nobody sends a message. That is no
// acknowledgement, so the next failure doubles the delay all the same.
func TestAHalfOpenBreakerClosesWithoutATrial(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	var b breaker
	b.failed(false, begin)
	b.probed(true, begin.Add(time.Second))
	if b.probed(true, begin.Add(time.Second+trialPeriod-1)) || b.closed() {
		t.Error("the breaker closed early")
	}
	if !b.probed(true, begin.Add(time.Second+trialPeriod)) || !b.closed() {
		t.Error("the breaker did not close")
	}

	for delay := 2 * minBreakerDelay; delay <= 2*maxBreakerDelay; delay *= 2 {
		b.failed(b.trying, begin)
		if want := min(delay, maxBreakerDelay); b.delay != want {
			t.Errorf("the delay is %v, want %v", b.delay, want)
		}
		b.probed(true, begin.Add(maxBreakerDelay))
		b.acquire()
	}
}
