package chaos

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Outcome is what the sender of a message knows about it in the end.
type Outcome string

const (
	Unknown Outcome = ""        // it may have gone out
	OK      Outcome = "ok"      // it was acknowledged
	Refused Outcome = "refused" // each answer said that nobody was given it, and its sender took it away
)

// Op is a message that somebody wrote. Times are since the history began.
type Op struct {
	Canary  string
	Person  int
	Talk    int
	Round   int
	Loose   bool // while it was sent, pages said that Kafka and Redis were both away: order is storing order then
	Invoked time.Duration
	Done    time.Duration
	Outcome Outcome
}

// Shown is a row when it first appeared on a screen.
type Shown struct {
	Person int
	Talk   int
	ID     uuid.UUID
	Body   string
	At     time.Duration
}

// History is what happened, as people saw it. Safe for concurrent use.
type History struct {
	mu     sync.Mutex
	begin  time.Time
	round  int
	modes  modes
	ops    []Op
	shown  []Shown
	seen   []Finding        // what was wrong on the spot
	counts map[int]*Answers // by round
}

// Answers are how often people were told what, in a round.
type Answers struct {
	OK, Refused, Unknown int
	Longest              time.Duration // from writing a message to its acknowledgement
}

// NewHistory begins one.
func NewHistory() *History {
	return &History{begin: time.Now(), counts: map[int]*Answers{0: {}}, modes: modes{open: map[told]time.Duration{}}}
}

// Round begins the next round.
func (h *History) Round(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.round, h.counts[n] = n, &Answers{}
}

// Answers are the round's so far.
func (h *History) Answers() Answers {
	h.mu.Lock()
	defer h.mu.Unlock()
	return *h.counts[h.round]
}

func (h *History) now() time.Duration { return time.Since(h.begin) }

// Invoke says that a message is about to be sent for the first time. Its number is for Finish.
func (h *History) Invoke(person, talk int, canary string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, Op{Canary: canary, Person: person, Talk: talk, Round: h.round, Invoked: h.now()})
	return len(h.ops) - 1
}

// Answer counts what one attempt brought.
func (h *History) Answer(o Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch o {
	case Refused:
		h.counts[h.round].Refused++
	case Unknown:
		h.counts[h.round].Unknown++
	}
}

// Finish says how it ended.
func (h *History) Finish(n int, o Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	op := &h.ops[n]
	op.Done, op.Outcome = h.now(), o
	if o == OK {
		counts := h.counts[op.Round]
		counts.OK++
		counts.Longest = max(counts.Longest, op.Done-op.Invoked)
	}
}

// Show says that a row appeared.
func (h *History) Show(person, talk int, id uuid.UUID, body string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shown = append(h.shown, Shown{Person: person, Talk: talk, ID: id, Body: body, At: h.now()})
}

// See notes what is wrong on the spot: leaked, misled, stuck.
func (h *History) See(kind Kind, what string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = append(h.seen, Finding{Kind: kind, Round: h.round, What: fmt.Sprintf(what, args...)})
}

// Mode says which parts a person's page now calls away.
func (h *History) Mode(person int, down []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.modes.set(person, down, h.now())
}

// Evidence is the history for Check, which adds what is stored, read and shown in the end.
func (h *History) Evidence() Evidence {
	h.mu.Lock()
	defer h.mu.Unlock()
	ops := slices.Clone(h.ops)
	for i, op := range ops {
		ops[i].Loose = h.modes.away("kafka", op.Invoked, op.Done, h.now()) && h.modes.away("redis", op.Invoked, op.Done, h.now())
	}
	return Evidence{Ops: ops, Shown: slices.Clone(h.shown), Seen: slices.Clone(h.seen)}
}

// canary is a message's body, unlike any other; it says whose it is.
func canary(run string, talk, person, n int) string {
	return fmt.Sprintf("canary-%s-t%d-p%d-n%d.", run, talk, person, n)
}

var canaryPattern = regexp.MustCompile(`canary-([0-9a-z]+)-t(\d+)-p\d+-n\d+\.`)

// foreign names the canaries in raw that belong to conversations outside of run's mine.
func foreign(raw []byte, run string, mine map[int]bool) (found []string) {
	for _, m := range canaryPattern.FindAllSubmatch(raw, -1) {
		talk, err := strconv.Atoi(string(m[2]))
		if err != nil || string(m[1]) != run || !mine[talk] {
			found = append(found, string(m[0]))
		}
	}
	return found
}
