package chaos

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"parley/app/client"
	"parley/app/drill/verify"
	"parley/app/loop"
)

// What people do with a message, by chance.
const (
	doubleClick = 0.04 // it is sent twice at once
	takeBack    = 0.3  // one that was rejected is taken back
	giveUp      = 0.05 // one with an unknown outcome is given up
)

// sendTimeout bounds the attempts with one message. Everything has recovered
// long before.
const sendTimeout = time.Minute

// write writes one message after the other until ctx ends, as static/js/ sends
// them: one at a time, in order. floor is read-locked while a message is under
// way.
func (t *tab) write(ctx context.Context, random *rand.Rand, floor *sync.RWMutex, pause time.Duration) {
	wait := func() time.Duration { return pause/3 + time.Duration(random.Int64N(int64(pause)*4/3)) }
	for n := 1; loop.Sleep(ctx, wait()); n++ {
		floor.RLock()

		if ctx.Err() == nil {
			t.send(ctx, random, marker(t.person.run, t.conversation, t.person.person, n))
		}

		floor.RUnlock()
	}
}

// send sends one message until it is acknowledged, always the same. Its sender
// may take it back when it was rejected, and give up when its outcome is
// unknown.
func (t *tab) send(ctx context.Context, random *rand.Rand, body string) {
	h, begin, m := t.person.history, time.Now(), client.Write(t.id, body)
	op := h.Invoke(t.person.person, t.conversation, body)
	certain := true // that nobody was given it

	for {
		outcome := t.attempt(ctx, m, random.Float64() < doubleClick)
		h.Attempt(outcome)

		certain = certain && outcome == verify.Rejected
		switch {
		case outcome == verify.OK:
			h.Finish(op, verify.OK)
			t.sent.Add(1)
			return
		case certain && random.Float64() < takeBack:
			h.Finish(op, verify.Rejected)
			return
		case !certain && random.Float64() < giveUp, ctx.Err() != nil:
			h.Finish(op, verify.Unknown)
			return
		case time.Since(begin) > sendTimeout:
			h.Finish(op, verify.Unknown)
			h.Find(Stuck, "person %d could not send %s for %v", t.person.person, body, sendTimeout)
			return
		}

		loop.Sleep(ctx, 50*time.Millisecond+time.Duration(random.Int64N(int64(300*time.Millisecond))))
	}
}

// attempt posts a message once or, for a double click whose requests go to two
// replicas, twice at once.
func (t *tab) attempt(ctx context.Context, m client.NewMessage, twice bool) verify.Outcome {
	post := func(base string) verify.Outcome {
		sent, outcome := t.person.send(ctx, base, m)
		if outcome == verify.OK {
			t.add(sent)
		}

		return outcome
	}

	if !twice {
		return post(t.person.base())
	}

	second := make(chan verify.Outcome, 1)
	other := t.person.bases[rand.IntN(len(t.person.bases))]
	go func() { second <- post(other) }()

	a, b := post(t.person.base()), <-second
	switch {
	case a == verify.OK || b == verify.OK:
		return verify.OK
	case a == verify.Unknown || b == verify.Unknown:
		return verify.Unknown
	}

	return verify.Rejected
}
