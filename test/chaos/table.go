package chaos

import (
	"fmt"
	"strings"
	"time"
)

// Table sums rounds up by fault, as Markdown.
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

type sum struct {
	fault  string
	rounds int
	Answers
	found map[Kind]int
}

// sums are one for each fault, in the order in which they came, and one of all.
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
	s.Refused += r.Refused
	s.Unknown += r.Unknown
	s.Longest = max(s.Longest, r.Longest)
	for _, k := range Kinds {
		s.found[k] += len(r.Of(k))
	}
}

func (s *sum) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |", s.fault, s.rounds, s.OK, s.Refused, s.Unknown)
	for _, k := range Kinds {
		fmt.Fprintf(&b, " %d |", s.found[k])
	}
	fmt.Fprintf(&b, " %v |\n", s.Longest.Round(10*time.Millisecond))
	return b.String()
}
