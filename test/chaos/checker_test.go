package chaos

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// story is a conversation between 0 and 1 (number 0) of three acknowledged messages, and 2 who isn't in it. All is well.
func story() Evidence {
	a, b, c := row(1), row(2), row(3)
	at := func(n int) time.Duration { return time.Duration(n) * time.Second }
	return Evidence{
		Ops: []Op{
			{Canary: a.Body, Invoked: at(1), Done: at(2), Outcome: OK},
			{Canary: b.Body, Person: 1, Invoked: at(3), Done: at(4), Outcome: OK},
			{Canary: c.Body, Invoked: at(5), Done: at(6), Outcome: OK},
		},
		Members:  map[int][]int{0: {0, 1}},
		Store:    map[int][]Row{0: {a, b, c}},
		Readings: []View{{Person: 0, Rows: []Row{a, b, c}}, {Person: 1, Rows: []Row{a, b, c}}},
		Screens:  []View{{Person: 0, Rows: []Row{a, b, c}}, {Person: 1, Rows: []Row{a, b, c}}},
		Shown:    []Shown{{Person: 1, ID: a.ID, Body: a.Body, At: at(2)}, {Person: 1, ID: b.ID, Body: b.Body, At: at(4)}},
	}
}

func row(n int64) Row {
	return Row{ID: uuid.NewSHA1(uuid.Nil, []byte{byte(n)}), Seq: n, Body: canary("x", 0, 0, int(n))}
}

// TestTheCheckerFinds: each history breaks one promise in one way, and the checker says which.
func TestTheCheckerFinds(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(e *Evidence)
		want  []Kind
	}{
		"nothing in a good story": {func(*Evidence) {}, nil},
		"nothing in what is unknown and not stored": {func(e *Evidence) {
			e.Ops = append(e.Ops, Op{Canary: "maybe"})
		}, nil},
		"nothing in what is unknown and stored": {func(e *Evidence) { e.Ops[1].Outcome, e.Ops[1].Done = Unknown, 0 }, nil},
		"nothing in what is refused and not stored": {func(e *Evidence) {
			e.Ops = append(e.Ops, Op{Canary: "no", Outcome: Refused})
		}, nil},
		"what is lost": {func(e *Evidence) {
			e.Ops = append(e.Ops, Op{Canary: "gone", Outcome: OK})
		}, []Kind{Lost}},
		"what is stored twice": {func(e *Evidence) {
			again := row(4)
			again.Body = row(3).Body
			e.Store[0] = append(e.Store[0], again)
			e.show(e.Store[0])
		}, []Kind{Duplicated}},
		"what appeared twice and went again": {func(e *Evidence) {
			e.Shown = append(e.Shown, Shown{Person: 1, ID: uuid.New(), Body: row(1).Body, At: time.Hour})
		}, []Kind{Duplicated}},
		"what nobody wrote": {func(e *Evidence) {
			e.Store[0] = append(e.Store[0], row(4))
			e.show(e.Store[0])
		}, []Kind{Phantom}},
		"what was refused, and stored": {func(e *Evidence) { e.Ops[2].Outcome = Refused }, []Kind{Phantom}},
		"what was refused, and shown for a while": {func(e *Evidence) {
			e.Ops = append(e.Ops, Op{Canary: "no", Outcome: Refused})
			e.Shown = append(e.Shown, Shown{Person: 1, ID: uuid.New(), Body: "no"})
		}, []Kind{Phantom}},
		"what went to another conversation": {func(e *Evidence) { e.Ops[2].Talk = 1 }, []Kind{Phantom}},
		"one sender's messages in the wrong order": {func(e *Evidence) {
			e.Ops[1].Person = 0
			e.Ops[1].Invoked, e.Ops[1].Done, e.Ops[2].Invoked, e.Ops[2].Done = e.Ops[2].Invoked, e.Ops[2].Done, e.Ops[1].Invoked, e.Ops[1].Done
		}, []Kind{Inverted}},
		"nothing in two written at once": {func(e *Evidence) {
			e.Ops[0].Invoked, e.Ops[0].Done, e.Ops[1].Invoked, e.Ops[1].Done = 1*time.Second, 4*time.Second, 1*time.Second, 2*time.Second
		}, nil},
		"what was acknowledged before the other was written": {func(e *Evidence) { e.Ops[1].Invoked, e.Ops[1].Done = 7*time.Second, 8*time.Second }, []Kind{Inverted}},
		"nothing where order is storing order": {func(e *Evidence) {
			e.Ops[1].Invoked, e.Ops[1].Done, e.Ops[1].Loose = 7*time.Second, 8*time.Second, true
		}, nil},
		"two who read different orders": {func(e *Evidence) {
			r := e.Readings[1].Rows
			r[0], r[1] = Row{r[1].ID, 1, r[1].Body}, Row{r[0].ID, 2, r[0].Body}
		}, []Kind{Inverted}},
		"a number that is missing": {func(e *Evidence) {
			e.Store[0][2].Seq = 4
			e.show(e.Store[0])
		}, []Kind{Gapped}},
		"a reader who misses the end":    {func(e *Evidence) { e.Readings[0].Rows = e.Readings[0].Rows[:2] }, []Kind{LiveIncomplete}},
		"a screen that misses something": {func(e *Evidence) { e.Screens[0].Rows = e.Screens[0].Rows[1:] }, []Kind{LiveIncomplete}},
		"a screen that still waits":      {func(e *Evidence) { e.Screens[0].Rows[2].Seq = 0 }, []Kind{LiveIncomplete}},
		"a screen of an outsider":        {func(e *Evidence) { e.Screens = append(e.Screens, View{Person: 2, Rows: e.Store[0]}) }, []Kind{Leaked}},
		"what was wrong on the spot":     {func(e *Evidence) { e.Seen = []Finding{{Kind: Misled}} }, []Kind{Misled}},
	} {
		t.Run(name, func(t *testing.T) {
			e := story()
			c.spoil(&e)
			found := Check(e)
			kinds := map[Kind]bool{}
			for _, f := range found {
				kinds[f.Kind] = true
			}
			want := map[Kind]bool{}
			for _, k := range c.want {
				want[k] = true
			}
			for _, k := range Kinds {
				if kinds[k] != want[k] {
					t.Errorf("%s: %v, want %v; all: %v", k, kinds[k], want[k], found)
				}
			}
		})
	}
}

// show puts rows before every reader and on every screen.
func (e *Evidence) show(rows []Row) {
	for i := range e.Readings {
		e.Readings[i].Rows = rows
	}
	for i := range e.Screens {
		e.Screens[i].Rows = rows
	}
}

func TestForeignCanariesAreSeen(t *testing.T) {
	raw := []byte(`{"body":"` + canary("a1", 3, 0, 1) + `"}, {"body":"` + canary("a1", 4, 0, 2) + `"} <p>` + canary("b2", 3, 0, 3))
	found := foreign(raw, "a1", map[int]bool{3: true})
	if len(found) != 2 || found[0] != canary("a1", 4, 0, 2) || found[1] != canary("b2", 3, 0, 3) {
		t.Errorf("found %v", found)
	}
}

// TestWhatPagesSaidIsAway: only while somebody's page said so, give or take the moments in which it is told.
func TestWhatPagesSaidIsAway(t *testing.T) {
	at := func(n int) time.Duration { return time.Duration(n) * time.Second }
	m := modes{open: map[told]time.Duration{}}
	m.set(1, []string{"redis"}, at(10))
	m.set(2, []string{"redis", "kafka"}, at(11))
	m.set(1, nil, at(20))
	m.set(1, nil, at(21))
	m.set(2, []string{"kafka"}, at(22))
	for _, c := range []struct {
		part     string
		from, to int
		want     bool
	}{
		{"redis", 1, 7, false}, {"redis", 1, 9, true}, {"redis", 12, 13, true}, {"redis", 22, 30, true}, {"redis", 24, 30, false},
		{"kafka", 1, 8, false}, {"kafka", 28, 29, true}, {"postgres", 1, 30, false},
	} {
		if got := m.away(c.part, at(c.from), at(c.to), at(30)); got != c.want {
			t.Errorf("%s from %d to %d: %v", c.part, c.from, c.to, got)
		}
	}
}
