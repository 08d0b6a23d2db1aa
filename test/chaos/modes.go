package chaos

import (
	"slices"
	"time"
)

// modes are the times in which pages said that a part is away.
type modes struct {
	open   map[told]time.Duration // since when
	closed map[string][]span      // by part
}

type told struct {
	person int
	part   string
}

type span struct{ from, to time.Duration }

// A page is told within moments of a change, not at once.
const (
	toldAfter = 2 * time.Second
	onlyWell  = time.Second
)

func (m *modes) set(person int, down []string, now time.Duration) {
	for _, part := range []string{"kafka", "redis", "postgres"} {
		key := told{person, part}
		since, was := m.open[key]
		switch is := slices.Contains(down, part); {
		case is && !was:
			m.open[key] = now
		case was && !is:
			delete(m.open, key)
			if m.closed == nil {
				m.closed = map[string][]span{}
			}
			m.closed[part] = append(m.closed[part], span{since, now})
		}
	}
}

// away tells whether anybody's page said so between from and to.
func (m *modes) away(part string, from, to, now time.Duration) bool {
	overlaps := func(s span) bool { return s.from-toldAfter <= to && from <= s.to+onlyWell }
	for key, since := range m.open {
		if key.part == part && overlaps(span{since, now}) {
			return true
		}
	}
	return slices.ContainsFunc(m.closed[part], overlaps)
}
