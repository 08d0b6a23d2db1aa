package chaos

import (
	"slices"
	"time"
)

// outages are the times in which somebody's page showed a dependency as down.
type outages struct {
	open   map[banner]time.Duration // since when
	closed map[string][]span        // by dependency
}

// banner is a dependency that a person's page shows as down.
type banner struct {
	person     int
	dependency string
}

type span struct{ from, to time.Duration }

// A page shows a change a moment after it happened: a dependency was down up to
// shownAfter before, and up again at most hiddenAfter before.
const (
	shownAfter  = 2 * time.Second
	hiddenAfter = time.Second
)

// set notes which dependencies a person's page shows as down now.
func (o *outages) set(person int, down []string, now time.Duration) {
	for _, dependency := range []string{"kafka", "redis", "postgres"} {
		key := banner{person, dependency}

		since, was := o.open[key]
		switch is := slices.Contains(down, dependency); {
		case is && !was:
			o.open[key] = now
		case was && !is:
			delete(o.open, key)

			if o.closed == nil {
				o.closed = map[string][]span{}
			}

			o.closed[dependency] = append(o.closed[dependency], span{since, now})
		}
	}
}

// overlap reports whether anybody's page showed a dependency as down between
// from and to.
func (o *outages) overlap(dependency string, from, to, now time.Duration) bool {
	overlaps := func(s span) bool { return s.from-shownAfter <= to && from <= s.to+hiddenAfter }
	for key, since := range o.open {
		if key.dependency == dependency && overlaps(span{since, now}) {
			return true
		}
	}

	return slices.ContainsFunc(o.closed[dependency], overlaps)
}
