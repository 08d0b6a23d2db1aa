// Package verify compares what senders know about their messages with what is
// stored: every acknowledged message must be there once, in order and without a
// gap. The drill and the fault suite (test/chaos) share it.
package verify

import (
	"slices"
	"sync"
	"time"
)

// Outcome is what the sender of a message knows about it in the end.
type Outcome string

const (
	Unknown  Outcome = ""         // it may have been sent
	OK       Outcome = "ok"       // it was acknowledged
	Rejected Outcome = "rejected" // every attempt was certainly not sent, and its sender gave it up
)

// Op is a message that somebody wrote. Its times count from the beginning of the
// history.
type Op struct {
	Body         string // unlike that of any other message
	Sender       int
	Conversation int
	Round        int
	Invoked      time.Duration // before the first attempt
	Done         time.Duration // after the last
	Outcome      Outcome
	// Unordered exempts the message from the check of order. The fault suite
	// sets it while Kafka and Redis were both down: order is storing order then.
	Unordered bool
}

// Answers counts the answers to sends in one round.
type Answers struct {
	OK       int           // messages that were acknowledged
	Rejected int           // attempts that were certainly not sent
	Unknown  int           // attempts with an unknown outcome
	Longest  time.Duration // from writing a message to its acknowledgement
}

// History records what senders know. It is safe for concurrent use.
type History struct {
	begin time.Time

	mu     sync.Mutex // guards the fields below
	round  int
	ops    []Op
	counts map[int]*Answers // by round
}

// NewHistory begins a history, in round 0.
func NewHistory() *History {
	return &History{begin: time.Now(), counts: map[int]*Answers{0: {}}}
}

// Begin begins a round.
func (h *History) Begin(round int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.round, h.counts[round] = round, &Answers{}
}

// Round returns the current round.
func (h *History) Round() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.round
}

// Now returns the time since the history began.
func (h *History) Now() time.Duration { return time.Since(h.begin) }

// Answers returns the counts of the current round so far.
func (h *History) Answers() Answers {
	h.mu.Lock()
	defer h.mu.Unlock()
	return *h.counts[h.round]
}

// Invoke records a message before its first attempt. The returned number is for
// Finish.
func (h *History) Invoke(sender, conversation int, body string) (op int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, Op{
		Body: body, Sender: sender, Conversation: conversation, Round: h.round, Invoked: h.Now(),
	})
	return len(h.ops) - 1
}

// Attempt counts the outcome of one attempt to send.
func (h *History) Attempt(o Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()

	switch o {
	case Rejected:
		h.counts[h.round].Rejected++
	case Unknown:
		h.counts[h.round].Unknown++
	}
}

// Finish records the outcome of a message.
func (h *History) Finish(op int, o Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := &h.ops[op]

	m.Done, m.Outcome = h.Now(), o
	if o == OK {
		counts := h.counts[m.Round]
		counts.OK++
		counts.Longest = max(counts.Longest, m.Done-m.Invoked)
	}
}

// Ops returns a copy of all messages so far.
func (h *History) Ops() []Op {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ops)
}
