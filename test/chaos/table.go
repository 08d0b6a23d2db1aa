package chaos

import (
	"fmt"
	"strings"
	"time"

	"parley/app/drill/verify"
)

// Table returns the sums of rounds by fault, as a Markdown table.
func Table(rounds []Round) string {
	var b strings.Builder
	b.WriteString("| Fault | Rounds | Acknowledged | Told not sent | Told not confirmed |")

	for _, k := range Kinds {
		fmt.Fprintf(&b, " %s |", k)
	}

	b.WriteString(" Longest wait for a message |\n|---|" + strings.Repeat("---:|", 5+len(Kinds)) + "\n")

	for _, row := range sums(rounds) {
		b.WriteString(row.String())
	}

	return b.String()
}

// sum is a line of the table: the rounds of one fault, or all.
type sum struct {
	verify.Answers

	fault  string
	rounds int
	found  map[Kind]int
}

// sums returns one for each fault, in the order of the first rounds, and one of
// all rounds.
func sums(rounds []Round) []*sum {
	all := &sum{fault: "all", found: map[Kind]int{}}
	byName := map[string]*sum{}
	var list []*sum

	for _, r := range rounds {
		s := byName[r.Fault]
		if s == nil {
			s = &sum{fault: r.Fault, found: map[Kind]int{}}
			byName[r.Fault] = s
			list = append(list, s)
		}

		s.add(r)
		all.add(r)
	}

	return append(list, all)
}

func (s *sum) add(r Round) {
	s.rounds++
	s.OK += r.OK
	s.Rejected += r.Rejected
	s.Unknown += r.Unknown

	s.Longest = max(s.Longest, r.Longest)
	for _, k := range Kinds {
		s.found[k] += len(r.Of(k))
	}
}

func (s *sum) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |", s.fault, s.rounds, s.OK, s.Rejected, s.Unknown)

	for _, k := range Kinds {
		fmt.Fprintf(&b, " %d |", s.found[k])
	}

	fmt.Fprintf(&b, " %v |\n", s.Longest.Round(10*time.Millisecond))
	return b.String()
}
