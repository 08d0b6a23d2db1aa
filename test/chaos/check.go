package chaos

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/drill/verify"
)

// What the check of the store, which the drill shares, is about.
type (
	Kind    = verify.Kind
	Finding = verify.Finding
	Row     = verify.Row
	Op      = verify.Op
)

// The ways to break a promise: those of the store, and those of screens.
const (
	Lost       = verify.Lost
	Duplicated = verify.Duplicated
	Phantom    = verify.Phantom
	Inverted   = verify.Inverted
	Gapped     = verify.Gapped

	Leaked         Kind = "leaked"          // given to somebody who is no member
	LiveIncomplete Kind = "live-incomplete" // a screen that differs from what is stored
	Misled         Kind = "misled"          // a member got 401, 403 or 404
	Stuck          Kind = "stuck"           // a member could not send, long after the recovery
)

// Kinds lists them in the order of the table.
var Kinds = []Kind{Lost, Duplicated, Phantom, Inverted, Gapped, Leaked, LiveIncomplete, Misled, Stuck}

// View is what a person got of a conversation, in order.
type View struct {
	Person       int
	Conversation int
	Rows         []Row
}

// Evidence is everything that Check compares. No message is under way any more.
type Evidence struct {
	Ops       []Op
	Sightings []Sighting
	Found     []Finding     // what was wrong at sight
	Members   map[int][]int // by conversation
	Store     map[int][]Row // by conversation, in the order of seq
	Readings  []View        // whole conversations, as members read them
	Screens   []View        // open tabs
}

// Check returns every broken promise.
func Check(e Evidence) []Finding {
	c := checker{verify.NewChecker(e.Ops), e}
	c.Checker.Found = slices.Clone(e.Found)
	c.Store(e.Store)

	for _, v := range e.Readings {
		c.reading(v)
	}

	for _, v := range e.Screens {
		c.screen(v)
	}

	c.sightings()
	return c.Checker.Found
}

type checker struct {
	*verify.Checker
	evidence Evidence
}

// reading compares what a member reads, page by page, with the store.
func (c *checker) reading(v View) {
	where := fmt.Sprintf("in what person %d reads of conversation %d", v.Person, v.Conversation)
	c.member(where, v)
	c.Rows(where, v.Conversation, v.Rows)
	c.Numbers(where, v.Rows)

	stored := c.evidence.Store[v.Conversation]

	position := map[uuid.UUID]int{}
	for i, row := range stored {
		position[row.ID] = i
	}

	for i := 1; i < len(v.Rows); i++ {
		if position[v.Rows[i].ID] < position[v.Rows[i-1].ID] {
			body := v.Rows[i].Body
			c.Add(Inverted, c.RoundOf(body), "%s comes behind %s %s", body, v.Rows[i-1].Body, where)
		}
	}

	if len(v.Rows) < len(stored) {
		c.Add(LiveIncomplete, 0, "%d of %d messages %s", len(v.Rows), len(stored), where)
	}
}

// screen compares an open tab with the store.
func (c *checker) screen(v View) {
	where := fmt.Sprintf("on person %d’s screen of conversation %d", v.Person, v.Conversation)
	c.member(where, v)
	c.Rows(where, v.Conversation, v.Rows)

	if stored := c.evidence.Store[v.Conversation]; !slices.Equal(v.Rows, stored) {
		c.Add(LiveIncomplete, 0, "%s %s", difference(v.Rows, stored), where)
	}
}

func difference(rows, stored []Row) string {
	for i := range min(len(rows), len(stored)) {
		if rows[i] != stored[i] {
			return fmt.Sprintf("%s (%d) stands where %s (%d) should",
				rows[i].Body, rows[i].Seq, stored[i].Body, stored[i].Seq)
		}
	}

	return fmt.Sprintf("%d of %d messages", len(rows), len(stored))
}

// sightings checks rows that may have disappeared since.
func (c *checker) sightings() {
	type place struct {
		person, conversation int
		body                 string
	}

	ids := map[place]uuid.UUID{}
	sorted := slices.Clone(c.evidence.Sightings)
	slices.SortStableFunc(sorted, func(a, b Sighting) int { return cmp.Compare(a.At, b.At) })

	for _, s := range sorted {
		where := fmt.Sprintf("on person %d’s screen of conversation %d, at %v",
			s.Person, s.Conversation, s.At.Round(time.Millisecond))

		p := place{s.Person, s.Conversation, s.Body}
		if id, ok := ids[p]; ok && id != s.ID {
			c.Add(Duplicated, c.RoundOf(s.Body), "%s appeared with a second id %s", s.Body, where)
		}

		ids[p] = s.ID
		c.Written(where, s.Conversation, s.Body)
	}
}

// member checks that somebody who got messages is a member.
func (c *checker) member(where string, v View) {
	if len(v.Rows) > 0 && !slices.Contains(c.evidence.Members[v.Conversation], v.Person) {
		c.Add(Leaked, 0, "%d messages %s, who is no member", len(v.Rows), where)
	}
}
