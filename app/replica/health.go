package replica

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"parley/app/chat"
	"parley/app/loop"
	"parley/app/postgres"
	"parley/app/status"
	"parley/app/web"
)

var _ web.Health = (*Replica)(nil)

// Ready returns nil while a message can be made durable: in the log or in the store. A
// process with the writer's role alone is ready while it can store the log's records.
// No traffic depends on its readiness, and it continues to retry. A replica is not ready
// while PostgreSQL answers and its schema is older than the program's, or a rollout
// would end the replicas that still serve.
func (n *Replica) Ready(context.Context) error {
	storeDown := n.store.Down() != nil
	switch {
	case !n.schemaCurrent():
		return status.ErrSchema
	case n.cfg.Web && storeDown && !n.Producer.Up():
		return errors.New("neither the log nor the store answers")
	case !n.cfg.Web && storeDown:
		return errors.New("the store doesn't answer")
	case !n.cfg.Web && !n.Producer.Up():
		return errors.New("the log doesn't answer")
	}

	return nil
}

// schemaCurrent reports whether the schema has all of the program's migrations, as far
// as PostgreSQL answers.
func (n *Replica) schemaCurrent() bool {
	down := n.store.Down()
	select {
	case <-n.migrated:
		return !errors.Is(down, postgres.ErrOlderSchema)
	default:
		return down != nil && !errors.Is(down, postgres.ErrOlderSchema)
	}
}

// Down returns the names of the dependencies that are down.
func (n *Replica) Down() []string { return n.dependencies.names() }

// Dependencies returns the availability of each dependency.
func (n *Replica) Dependencies() []status.Dependency { return n.dependencies.list() }

// errNoAnswer is the cause of an outage that no error has reported: the dependency has not
// answered yet.
var errNoAnswer = errors.New("it does not answer")

const dependencyInterval = time.Second

// watchDependencies checks the dependencies periodically.
func (n *Replica) watchDependencies(ctx context.Context) {
	loop.Every(ctx, dependencyInterval, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, dependencyInterval)
		_ = n.store.Ping(ctx) // Down returns its error
		cancel()
		n.refreshDependencies()
	})
}

// beginRefreshing ends the start. Until then, a dependency that doesn't answer is
// only starting.
func (n *Replica) beginRefreshing() {
	d := &n.dependencies
	d.refreshing.Lock()
	d.started = true
	d.refreshing.Unlock()
	n.refreshDependencies()
}

// refreshDependencies checks which dependencies are down, and notifies the pages of a
// change. When Redis goes down it also makes the pages resync, because Redis may have
// lost events that it had accepted.
func (n *Replica) refreshDependencies() {
	d := &n.dependencies
	d.refreshing.Lock()
	defer d.refreshing.Unlock()

	if !d.started {
		return
	}

	causes := map[string]error{"postgres": n.store.Down()}
	if n.Bus.Down() {
		causes["redis"] = cmp.Or(n.Bus.Cause(), errNoAnswer)
	}
	if !n.Producer.Up() {
		causes["kafka"] = cmp.Or(n.Producer.Cause(), errNoAnswer)
	}

	down, changed := d.update(causes)
	if !changed {
		return
	}

	before := d.published
	d.published = down
	n.Hub.SetDown(down)
	if slices.Contains(down, "redis") && !slices.Contains(before, "redis") {
		n.Hub.Deliver(chat.Channel{}, chat.ResyncEvent{})
	}
}
