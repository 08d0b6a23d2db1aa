package chaos

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/drill/verify"
)

// story is a conversation (number 0) between the people 0 and 1 of three
// acknowledged messages, in which all is well. Person 2 is no member.
func story() Evidence {
	a, b, c := row(1), row(2), row(3)
	rows := func() []Row { return []Row{a, b, c} }
	return Evidence{
		Ops: []Op{
			{Body: a.Body, Invoked: at(1), Done: at(2), Outcome: verify.OK},
			{Body: b.Body, Sender: 1, Invoked: at(3), Done: at(4), Outcome: verify.OK},
			{Body: c.Body, Invoked: at(5), Done: at(6), Outcome: verify.OK},
		},
		Members:  map[int][]int{0: {0, 1}},
		Store:    map[int][]Row{0: rows()},
		Readings: []View{{Person: 0, Rows: rows()}, {Person: 1, Rows: rows()}},
		Screens:  []View{{Person: 0, Rows: rows()}, {Person: 1, Rows: rows()}},
		Sightings: []Sighting{
			{Person: 1, ID: a.ID, Body: a.Body, At: at(2)},
			{Person: 1, ID: b.ID, Body: b.Body, At: at(4)},
		},
	}
}

func at(n int) time.Duration { return time.Duration(n) * time.Second }

func row(n int64) Row {
	return Row{ID: uuid.NewSHA1(uuid.Nil, []byte{byte(n)}), Seq: n, Body: marker("x", 0, 0, int(n))}
}

// write adds a message to the history.
func (e *Evidence) write(op Op) { e.Ops = append(e.Ops, op) }

// store adds a row to the store, to what everybody reads and to every screen.
func (e *Evidence) store(r Row) {
	e.Store[0] = append(e.Store[0], r)
	e.showStore()
}

func (e *Evidence) showStore() {
	for i := range e.Readings {
		e.Readings[i].Rows = e.Store[0]
	}

	for i := range e.Screens {
		e.Screens[i].Rows = e.Store[0]
	}
}

// retime gives a message other times.
func (e *Evidence) retime(op, invoked, done int) {
	e.Ops[op].Invoked, e.Ops[op].Done = at(invoked), at(done)
}

// see adds a sighting of a body with a new id.
func (e *Evidence) see(body string, at time.Duration) {
	e.Sightings = append(e.Sightings, Sighting{Person: 1, ID: uuid.New(), Body: body, At: at})
}

// TestCheckFinds breaks one promise of the story in one way each, and expects
// the check to find it.
func TestCheckFinds(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(e *Evidence)
		want  Kind // "": nothing is found
	}{
		"a good story":                 {func(*Evidence) {}, ""},
		"unknown and not stored":       {func(e *Evidence) { e.write(Op{Body: "maybe"}) }, ""},
		"unknown and stored":           {func(e *Evidence) { e.Ops[1].Outcome, e.Ops[1].Done = verify.Unknown, 0 }, ""},
		"rejected and not stored":      {func(e *Evidence) { e.write(Op{Body: "no", Outcome: verify.Rejected}) }, ""},
		"acknowledged and not stored":  {func(e *Evidence) { e.write(Op{Body: "gone", Outcome: verify.OK}) }, Lost},
		"stored twice":                 {func(e *Evidence) { e.store(Row{ID: row(4).ID, Seq: 4, Body: row(3).Body}) }, Duplicated},
		"shown twice, then once again": {func(e *Evidence) { e.see(row(1).Body, time.Hour) }, Duplicated},
		"written by nobody":            {func(e *Evidence) { e.store(row(4)) }, Phantom},
		"rejected and stored":          {func(e *Evidence) { e.Ops[2].Outcome = verify.Rejected }, Phantom},
		"rejected and shown for a while": {func(e *Evidence) {
			e.write(Op{Body: "no", Outcome: verify.Rejected})
			e.see("no", 0)
		}, Phantom},
		"stored in another conversation": {func(e *Evidence) { e.Ops[2].Conversation = 1 }, Phantom},
		"one sender's in the wrong order": {func(e *Evidence) {
			e.Ops[1].Sender = 0
			e.retime(1, 5, 6)
			e.retime(2, 3, 4)
		}, Inverted},
		"written at the same time": {func(e *Evidence) {
			e.retime(0, 1, 4)
			e.retime(1, 1, 2)
		}, ""},
		"acknowledged before the other was written": {func(e *Evidence) { e.retime(1, 7, 8) }, Inverted},
		"order is storing order": {func(e *Evidence) {
			e.retime(1, 7, 8)
			e.Ops[1].Unordered = true
		}, ""},
		"two readers, two orders": {func(e *Evidence) {
			r := e.Readings[1].Rows
			r[0], r[1] = Row{ID: r[1].ID, Seq: 1, Body: r[1].Body}, Row{ID: r[0].ID, Seq: 2, Body: r[0].Body}
		}, Inverted},
		"a number is missing": {func(e *Evidence) {
			e.Store[0][2].Seq = 4
			e.showStore()
		}, Gapped},
		"a reader misses the end":      {func(e *Evidence) { e.Readings[0].Rows = e.Readings[0].Rows[:2] }, LiveIncomplete},
		"a screen misses a row":        {func(e *Evidence) { e.Screens[0].Rows = e.Screens[0].Rows[1:] }, LiveIncomplete},
		"a screen waits for a number":  {func(e *Evidence) { e.Screens[0].Rows[2].Seq = 0 }, LiveIncomplete},
		"somebody else's screen":       {func(e *Evidence) { e.Screens = append(e.Screens, View{2, 0, e.Store[0]}) }, Leaked},
		"something was wrong at sight": {func(e *Evidence) { e.Found = []Finding{{Kind: Misled}} }, Misled},
	} {
		t.Run(name, func(t *testing.T) {
			e := story()
			c.spoil(&e)
			found := Check(e)

			kinds := map[Kind]bool{}
			for _, f := range found {
				kinds[f.Kind] = true
			}

			for _, k := range Kinds {
				if kinds[k] != (k == c.want) {
					t.Errorf("%s: %v, want %q; all: %v", k, kinds[k], c.want, found)
				}
			}
		})
	}
}

func TestCheckFindsForeignMarkers(t *testing.T) {
	raw := []byte(`{"body":"` + marker("a1", 3, 0, 1) + `"}, ` +
		`{"body":"` + marker("a1", 4, 0, 2) + `"} <p>` + marker("b2", 3, 0, 3))

	found := foreign(raw, "a1", map[int]bool{3: true})
	if len(found) != 2 || found[0] != marker("a1", 4, 0, 2) || found[1] != marker("b2", 3, 0, 3) {
		t.Errorf("found %v", found)
	}
}

// TestCheckOfOrderKnowsOutages: a dependency counts as down while somebody's
// page shows it, and in the moments before and after.
func TestCheckOfOrderKnowsOutages(t *testing.T) {
	o := outages{open: map[banner]time.Duration{}}
	o.set(1, []string{"redis"}, at(10))
	o.set(2, []string{"redis", "kafka"}, at(11))
	o.set(1, nil, at(20))
	o.set(1, nil, at(21))
	o.set(2, []string{"kafka"}, at(22))

	for _, c := range []struct {
		dependency string
		from, to   int
		want       bool
	}{
		{"redis", 1, 7, false},
		{"redis", 1, 9, true},
		{"redis", 12, 13, true},
		{"redis", 22, 30, true},
		{"redis", 24, 30, false},
		{"kafka", 1, 8, false},
		{"kafka", 28, 29, true},
		{"postgres", 1, 30, false},
	} {
		if got := o.overlap(c.dependency, at(c.from), at(c.to), at(30)); got != c.want {
			t.Errorf("%s from %d to %d: %v", c.dependency, c.from, c.to, got)
		}
	}
}
