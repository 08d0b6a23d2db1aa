package kafka

import (
	"testing"
	"time"
)

// TestBreaker plays what it hears, and looks at what it lets through.
func TestBreaker(t *testing.T) {
	const ms = time.Millisecond
	begin := time.Now()
	var b breaker
	var now time.Time
	answers, silence := func() { b.heard(true, now) }, func() { b.heard(false, now) }
	fails := func(tries bool) func() { return func() { b.failed(tries, now) } }
	acknowledged := func(tries bool) func() { return func() { b.acknowledged(tries) } }
	type step struct {
		what   string
		at     time.Duration
		do     func()
		closed bool
		ok     bool // what enter answers then
		tries  bool
	}
	for name, steps := range map[string][]step{
		"at the start": {
			{"nobody has answered", 0, b.open, false, false, false},
			{"silence", 500 * ms, silence, false, false, false},
			{"the brokers answer", 1000 * ms, answers, true, true, false},
		},
		"acknowledged by the one that tries": {
			{"not acknowledged", 0, fails(false), false, false, false},
			{"too early", 499 * ms, answers, false, false, false},
			{"the brokers answer", 500 * ms, answers, false, true, true},
			{"one tries, long", 5000 * ms, answers, false, false, false},
			{"one tries, and the brokers are silent", 5000 * ms, silence, false, false, false},
			{"a late one of a partition that is well", 5000 * ms, acknowledged(false), false, false, false},
			{"acknowledged", 5000 * ms, acknowledged(true), true, true, false},
		},
		"answers, and nothing else": {
			{"not acknowledged", 0, fails(false), false, false, false},
			{"the brokers answer", 500 * ms, answers, false, true, true},
			{"nor is the next", 2000 * ms, fails(true), false, false, false},
			{"a late one changes nothing", 2900 * ms, fails(false), false, false, false},
			{"too early", 2999 * ms, answers, false, false, false},
			{"the brokers answer", 3000 * ms, answers, false, true, true},
			{"it never left", 3000 * ms, func() { b.refused(true) }, false, true, true},
			{"nor is the next", 4000 * ms, fails(true), false, false, false},
			{"too early", 5999 * ms, answers, false, false, false},
			{"the brokers answer", 6000 * ms, answers, false, true, true},
		},
	} {
		b = breaker{}
		for _, s := range steps {
			now = begin.Add(s.at)
			s.do()
			closed := b.closed()
			if ok, tries := b.enter(); closed != s.closed || ok != s.ok || tries != s.tries {
				t.Errorf("%s: %s at %v: closed %v, lets one through %v, that tries %v", name, s.what, s.at, closed, ok, tries)
			}
		}
	}
}

// TestABreakerClosesWhenNobodyWrites; it was no acknowledgement, so that the next failure counts as one more.
func TestABreakerClosesWhenNobodyWrites(t *testing.T) {
	begin := time.Now()
	var b breaker
	b.failed(false, begin)
	b.heard(true, begin.Add(time.Second))
	if b.heard(true, begin.Add(time.Second+breakerQuiet-1)) || b.closed() {
		t.Error("it closed early")
	}
	if !b.heard(true, begin.Add(time.Second+breakerQuiet)) || !b.closed() {
		t.Error("it didn't close")
	}
	for wait := 2 * breakerFirst; wait <= 2*maxBreaker; wait *= 2 {
		b.failed(b.tried, begin)
		if want := min(wait, maxBreaker); b.wait != want {
			t.Errorf("it waits for %v, want %v", b.wait, want)
		}
		b.heard(true, begin.Add(maxBreaker))
		b.enter()
	}
}
