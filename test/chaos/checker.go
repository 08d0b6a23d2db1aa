package chaos

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Kind is a way to break a promise.
type Kind string

const (
	Lost           Kind = "lost"            // acknowledged, and not stored
	Duplicated     Kind = "duplicated"      // stored twice, or twice on a screen
	Phantom        Kind = "phantom"         // stored or shown, and never written, or refused
	Inverted       Kind = "inverted"        // stored before what had been acknowledged before it was written; or read in different orders
	Gapped         Kind = "gapped"          // numbers that aren't 1 to n
	Leaked         Kind = "leaked"          // given to somebody outside
	LiveIncomplete Kind = "live-incomplete" // a screen that differs from what is stored
	Misled         Kind = "misled"          // a member was told that there is nothing here, or that it isn't theirs
	Stuck          Kind = "stuck"           // a member couldn't send, long after everything was well again
)

// Kinds are all of them, in the order of the table.
var Kinds = []Kind{Lost, Duplicated, Phantom, Inverted, Gapped, Leaked, LiveIncomplete, Misled, Stuck}

// Finding is one broken promise.
type Finding struct {
	Kind  Kind
	Round int // where it is known: that of the message
	What  string
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s", f.Kind, f.What) }

// Row is a message as it is stored or shown. Seq is 0 while it has none.
type Row struct {
	ID   uuid.UUID
	Seq  int64
	Body string
}

// View is what a person got of a conversation, in order.
type View struct {
	Person int
	Talk   int
	Rows   []Row
}

// Evidence is everything that Check looks at, once no message is under way any more.
type Evidence struct {
	Ops      []Op
	Shown    []Shown
	Seen     []Finding     // what was wrong on the spot
	Members  map[int][]int // by conversation
	Store    map[int][]Row // by conversation, in the order of seq
	Readings []View        // whole conversations, as members read them
	Screens  []View        // live tabs
}

// Check finds every broken promise.
func Check(e Evidence) []Finding {
	c := checker{Evidence: e, ops: make(map[string]*Op, len(e.Ops)), found: slices.Clone(e.Seen)}
	for i := range e.Ops {
		c.ops[e.Ops[i].Canary] = &e.Ops[i]
	}
	stored := map[string]bool{}
	for talk, rows := range e.Store {
		for _, row := range rows {
			stored[row.Body] = true
		}
		where := fmt.Sprintf("in the store, conversation %d", talk)
		c.rows(where, talk, rows)
		c.numbers(where, rows)
		c.acknowledgedBefore(rows)
	}
	for _, op := range e.Ops {
		if op.Outcome == OK && !stored[op.Canary] {
			c.find(Lost, op.Round, "%s was acknowledged at %v and is not stored", op.Canary, op.Done.Round(time.Millisecond))
		}
	}
	for _, v := range e.Readings {
		c.reading(v)
	}
	c.screens()
	c.everShown()
	return c.found
}

type checker struct {
	Evidence
	ops   map[string]*Op
	found []Finding
}

func (c *checker) find(kind Kind, round int, what string, args ...any) {
	c.found = append(c.found, Finding{Kind: kind, Round: round, What: fmt.Sprintf(what, args...)})
}

func (c *checker) round(body string) int {
	if op := c.ops[body]; op != nil {
		return op.Round
	}
	return 0
}

// rows looks for what is there twice, and for what nobody wrote there or what was refused.
func (c *checker) rows(where string, talk int, rows []Row) {
	seen := map[string]bool{}
	for _, row := range rows {
		if seen[row.Body] {
			c.find(Duplicated, c.round(row.Body), "%s is there twice %s", row.Body, where)
		}
		seen[row.Body] = true
		c.written(where, talk, row.Body)
	}
}

func (c *checker) written(where string, talk int, body string) {
	switch op := c.ops[body]; {
	case op == nil:
		c.find(Phantom, 0, "%q was never written and is %s", body, where)
	case op.Talk != talk:
		c.find(Phantom, op.Round, "%s was written to conversation %d and is %s", body, op.Talk, where)
	case op.Outcome == Refused:
		c.find(Phantom, op.Round, "%s was refused and is %s", body, where)
	}
}

func (c *checker) numbers(where string, rows []Row) {
	for i, row := range rows {
		if row.Seq != int64(i+1) {
			c.find(Gapped, c.round(row.Body), "number %d at place %d %s", row.Seq, i+1, where)
			return // what follows is shifted
		}
	}
}

// acknowledgedBefore: a message that was acknowledged before another one was written, by whomever, has the lower number.
func (c *checker) acknowledgedBefore(rows []Row) {
	var latest *Op // of the rows before, the one written last
	for _, row := range rows {
		op := c.ops[row.Body]
		if op == nil {
			continue
		}
		if latest != nil && op.Outcome == OK && op.Done < latest.Invoked {
			c.find(Inverted, op.Round, "%s was acknowledged at %v and is stored behind %s, which was written at %v",
				op.Canary, op.Done.Round(time.Millisecond), latest.Canary, latest.Invoked.Round(time.Millisecond))
		}
		if !op.Loose && (latest == nil || op.Invoked > latest.Invoked) {
			latest = op
		}
	}
}

// reading compares what a member reads, page by page, with the store.
func (c *checker) reading(v View) {
	where := fmt.Sprintf("in what person %d reads of conversation %d", v.Person, v.Talk)
	c.member(where, v)
	c.rows(where, v.Talk, v.Rows)
	c.numbers(where, v.Rows)
	place := map[uuid.UUID]int{}
	for i, row := range c.Store[v.Talk] {
		place[row.ID] = i
	}
	for i := 1; i < len(v.Rows); i++ {
		if place[v.Rows[i].ID] < place[v.Rows[i-1].ID] {
			c.find(Inverted, c.round(v.Rows[i].Body), "%s comes behind %s %s", v.Rows[i].Body, v.Rows[i-1].Body, where)
		}
	}
	if len(v.Rows) < len(c.Store[v.Talk]) {
		c.find(LiveIncomplete, 0, "%d of %d messages %s", len(v.Rows), len(c.Store[v.Talk]), where)
	}
}

// screens compares every live tab with the store.
func (c *checker) screens() {
	for _, v := range c.Screens {
		where := fmt.Sprintf("on person %d’s screen of conversation %d", v.Person, v.Talk)
		c.member(where, v)
		c.rows(where, v.Talk, v.Rows)
		if truth := c.Store[v.Talk]; !slices.EqualFunc(v.Rows, truth, func(a, b Row) bool { return a == b }) {
			c.find(LiveIncomplete, 0, "%s %s", difference(v.Rows, truth), where)
		}
	}
}

func difference(rows, truth []Row) string {
	for i := range min(len(rows), len(truth)) {
		if rows[i] != truth[i] {
			return fmt.Sprintf("%s (%d) stands where %s (%d) should", rows[i].Body, rows[i].Seq, truth[i].Body, truth[i].Seq)
		}
	}
	return fmt.Sprintf("%d of %d messages", len(rows), len(truth))
}

// everShown looks at rows that may have gone again since.
func (c *checker) everShown() {
	type place struct {
		person, talk int
		body         string
	}
	ids := map[place]uuid.UUID{}
	shown := slices.Clone(c.Shown)
	slices.SortStableFunc(shown, func(a, b Shown) int { return cmp.Compare(a.At, b.At) })
	for _, s := range shown {
		where := fmt.Sprintf("on person %d’s screen of conversation %d, at %v", s.Person, s.Talk, s.At.Round(time.Millisecond))
		p := place{s.Person, s.Talk, s.Body}
		if id, ok := ids[p]; ok && id != s.ID {
			c.find(Duplicated, c.round(s.Body), "%s appeared with a second id %s", s.Body, where)
		}
		ids[p] = s.ID
		c.written(where, s.Talk, s.Body)
	}
}

func (c *checker) member(where string, v View) {
	if len(v.Rows) > 0 && !slices.Contains(c.Members[v.Talk], v.Person) {
		c.find(Leaked, 0, "%d messages %s, who isn’t in it", len(v.Rows), where)
	}
}
