package replica

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/status"
	"parley/app/web"
)

var _ web.Health = (*Replica)(nil)

// downs remembers which components are away, and have been.
type downs struct {
	telling sync.Mutex // held from looking to telling, so that pages hear of changes in their order
	begun   bool       // telling's own: the start is over
	told    []string   // telling's own: what pages know

	mu    sync.Mutex // guards the fields below
	list  []string
	modes map[string]status.Dependency
}

var components = []string{"postgres", "redis", "kafka"}

// Ready answers nil while a message can be made durable: in the log, or in the store. A process that only writes is ready while it can store what is
// in the log; nobody is sent elsewhere when it isn't, and it goes on trying.
func (n *Replica) Ready(context.Context) error {
	if !n.cfg.Web {
		if err := n.store.Away(); err != nil {
			return errors.New("the store doesn't answer")
		}
		if !n.Producer.Up() {
			return errors.New("the log doesn't answer")
		}
		return nil
	}
	if !n.Producer.Up() && n.store.Away() != nil {
		return errors.New("neither the log nor the store answers")
	}
	return nil
}

// Down names the components that are away.
func (n *Replica) Down() []string {
	n.down.mu.Lock()
	defer n.down.mu.Unlock()
	return slices.Clone(n.down.list)
}

// Dependencies returns the availability of each dependency.
func (n *Replica) Dependencies() []status.Dependency {
	n.down.mu.Lock()
	defer n.down.mu.Unlock()
	list := make([]status.Dependency, len(components))
	for i, component := range components {
		list[i] = n.down.modes[component]
		list[i].Name = component
	}
	return list
}

const watchInterval = time.Second

// watch looks after the components, and tells the pages when one goes or comes.
func (n *Replica) watch(ctx context.Context) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		ping, cancel := context.WithTimeout(ctx, watchInterval)
		_ = n.store.Ping(ping) // what it finds, Away tells
		cancel()
		n.refreshDown()
	}
}

// lookFirst finds what is away when the start is over; until then parts are only starting.
func (n *Replica) lookFirst() {
	n.down.telling.Lock()
	n.down.begun = true
	n.down.telling.Unlock()
	n.refreshDown()
}

// refreshDown looks which components are away, and tells whoever should know when that has changed.
func (n *Replica) refreshDown() {
	n.down.telling.Lock()
	defer n.down.telling.Unlock()
	if !n.down.begun {
		return
	}
	postgres := n.store.Away()
	away := map[string]bool{"postgres": postgres != nil, "redis": n.Bus.Down(), "kafka": !n.Producer.Up()}
	list, changed := n.enterAndLeave(away, postgres)
	if changed {
		before := n.down.told
		n.down.told = list
		n.Hub.SetDown(list)
		if slices.Contains(list, "redis") && !slices.Contains(before, "redis") {
			n.Hub.Deliver(uuid.Nil, chat.ResyncEvent{}) // what Redis had taken, it may have died with
		}
	}
}

// enterAndLeave notes, counts and logs what has changed.
func (n *Replica) enterAndLeave(away map[string]bool, postgres error) (list []string, changed bool) {
	n.down.mu.Lock()
	defer n.down.mu.Unlock()
	if list = []string{}; n.down.modes == nil {
		n.down.modes = map[string]status.Dependency{}
	}
	for _, component := range components {
		m := n.down.modes[component]
		switch before := !m.Since.IsZero(); {
		case away[component] && !before:
			m.Since = time.Now()
			m.Entered++
			attrs := []any{"component", component}
			if component == "postgres" { // the others' rooms have said why
				attrs = append(attrs, "error", postgres)
			}
			n.Logger.Warn("component away", attrs...)
		case !away[component] && before:
			lasted := time.Since(m.Since)
			m.Since = time.Time{}
			m.Lasted += lasted
			n.Logger.Info("component back", "component", component, "lasted", lasted.Round(time.Millisecond))
		}
		n.down.modes[component] = m
		if away[component] {
			list = append(list, component)
		}
	}
	changed = !slices.Equal(list, n.down.list)
	n.down.list = list
	return list, changed
}
