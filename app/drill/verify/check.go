package verify

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Kind is a way to break a promise.
type Kind string

const (
	Lost       Kind = "lost"       // acknowledged, and not stored
	Duplicated Kind = "duplicated" // there twice
	Phantom    Kind = "phantom"    // there, and never written, or rejected
	Inverted   Kind = "inverted"   // behind a message that was written after it had been acknowledged
	Gapped     Kind = "gapped"     // numbers that aren't 1 to n
)

// Finding is one broken promise.
type Finding struct {
	Kind  Kind
	Round int // that of the message; 0 if it is unknown
	What  string
}

// String returns the finding as one line.
func (f Finding) String() string { return fmt.Sprintf("%s: %s", f.Kind, f.What) }

// Row is a message as it is stored or shown. Seq is 0 while it has none.
type Row struct {
	ID   uuid.UUID
	Seq  int64
	Body string
}

// Checker collects findings about the messages of a history.
type Checker struct {
	Found []Finding

	ops  []Op
	body map[string]*Op
}

// NewChecker returns a checker of the messages that were written.
func NewChecker(ops []Op) *Checker {
	c := &Checker{ops: ops, body: make(map[string]*Op, len(ops))}
	for i := range ops {
		c.body[ops[i].Body] = &ops[i]
	}

	return c
}

// Store checks all that is stored: the rows of every conversation, ascending by
// seq.
func (c *Checker) Store(store map[int][]Row) {
	stored := map[string]bool{}

	for conversation, rows := range store {
		for _, row := range rows {
			stored[row.Body] = true
		}

		where := fmt.Sprintf("in the store, conversation %d", conversation)
		c.Rows(where, conversation, rows)
		c.Numbers(where, rows)
		c.order(rows)
	}

	for _, op := range c.ops {
		if op.Outcome == OK && !stored[op.Body] {
			c.Add(Lost, op.Round, "%s was acknowledged at %v and is not stored", op.Body, round(op.Done))
		}
	}
}

// Rows checks rows for duplicates and phantoms; where names them in findings.
func (c *Checker) Rows(where string, conversation int, rows []Row) {
	seen := map[string]bool{}
	for _, row := range rows {
		if seen[row.Body] {
			c.Add(Duplicated, c.RoundOf(row.Body), "%s is there twice %s", row.Body, where)
		}

		seen[row.Body] = true
		c.Written(where, conversation, row.Body)
	}
}

// Written checks that somebody wrote a message to this conversation, and was not
// certain that it was not sent.
func (c *Checker) Written(where string, conversation int, body string) {
	switch op := c.body[body]; {
	case op == nil:
		c.Add(Phantom, 0, "%q was never written and is %s", body, where)
	case op.Conversation != conversation:
		c.Add(Phantom, op.Round, "%s was written to conversation %d and is %s", body, op.Conversation, where)
	case op.Outcome == Rejected:
		c.Add(Phantom, op.Round, "%s was rejected and is %s", body, where)
	}
}

// Numbers checks that the seqs are 1 to n. Only the first deviation is a finding,
// because it shifts all that follows.
func (c *Checker) Numbers(where string, rows []Row) {
	for i, row := range rows {
		if row.Seq != int64(i+1) {
			c.Add(Gapped, c.RoundOf(row.Body), "number %d at position %d %s", row.Seq, i+1, where)
			return
		}
	}
}

// order checks that a message has a lower seq than every message that was
// written, by anybody, after its acknowledgement.
func (c *Checker) order(rows []Row) {
	var latest *Op // the one written last of the rows before

	for _, row := range rows {
		op := c.body[row.Body]
		if op == nil {
			continue
		}

		if latest != nil && op.Outcome == OK && op.Done < latest.Invoked {
			c.Add(Inverted, op.Round, "%s was acknowledged at %v and is stored behind %s, which was written at %v",
				op.Body, round(op.Done), latest.Body, round(latest.Invoked))
		}

		if !op.Unordered && (latest == nil || op.Invoked > latest.Invoked) {
			latest = op
		}
	}
}

// Add adds a finding.
func (c *Checker) Add(kind Kind, round int, what string, args ...any) {
	c.Found = append(c.Found, Finding{Kind: kind, Round: round, What: fmt.Sprintf(what, args...)})
}

// RoundOf returns the round in which a message was written; 0 if it is unknown.
func (c *Checker) RoundOf(body string) int {
	if op := c.body[body]; op != nil {
		return op.Round
	}

	return 0
}

// Known are the findings of earlier checks. A check covers the whole history, so
// that it finds them again.
type Known map[Finding]bool

// New returns the findings that are not known, each once.
func (k Known) New(found []Finding) (list []Finding) {
	listed := Known{}
	for _, f := range found {
		if !k[f] && !listed[f] {
			listed[f] = true
			list = append(list, f)
		}
	}

	return list
}

// Add makes findings known.
func (k Known) Add(found []Finding) {
	for _, f := range found {
		k[f] = true
	}
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
