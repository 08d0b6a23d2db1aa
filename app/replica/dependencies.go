package replica

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"parley/app/status"
)

var dependencyNames = []string{"postgres", "redis", "kafka"}

// dependencies tracks which dependencies are down, and since when. Safe for
// concurrent use.
type dependencies struct {
	logger *slog.Logger

	// refreshing is held from the check of the dependencies until the pages are
	// notified, so that the notices arrive in order. It guards the two fields below.
	refreshing sync.Mutex
	started    bool     // the start is over
	published  []string // the names that the pages have

	mu     sync.Mutex // guards the two fields below
	down   []string
	states map[string]status.Dependency
}

// update stores, counts and logs which dependencies are down. causes has an error for
// each of them.
func (d *dependencies) update(causes map[string]error) (down []string, changed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.states == nil {
		d.states = map[string]status.Dependency{}
	}

	down = []string{}
	for _, name := range dependencyNames {
		s, cause := d.states[name], causes[name]
		isDown := cause != nil
		wasDown := !s.Since.IsZero()
		switch {
		case isDown && !wasDown:
			s.Since = time.Now()
			s.Entered++
			d.logger.Warn("dependency down", "dependency", name, "error", cause)
		case !isDown && wasDown:
			lasted := time.Since(s.Since)
			s.Since = time.Time{}
			s.Lasted += lasted
			d.logger.Info("dependency up", "dependency", name, "lasted_seconds", lasted)
		}
		d.states[name] = s
		if isDown {
			down = append(down, name)
		}
	}

	changed = !slices.Equal(down, d.down)
	d.down = down
	return down, changed
}

func (d *dependencies) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.down)
}

func (d *dependencies) list() []status.Dependency {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]status.Dependency, len(dependencyNames))
	for i, name := range dependencyNames {
		list[i] = d.states[name]
		list[i].Name = name
	}
	return list
}
