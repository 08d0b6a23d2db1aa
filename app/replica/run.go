package replica

import (
	"context"
	"errors"
	"net"
	"runtime/debug"
	"time"

	"parley/app/loop"
)

const (
	startTimeout    = 10 * time.Second       // for the dependencies; then the replica serves without some of them
	drainSpread     = 700 * time.Millisecond // over which the streams are closed
	requestsTimeout = 4 * time.Second        // for the streams and the requests in flight at the end
)

// The states of a replica, as operators see them.
const (
	stateStarting = "starting"
	stateReady    = "ready"
	stateDraining = "draining"
)

// Run serves on l until ctx ends, then drains. ready is called once, when the replica
// answers. The error is that of the listener, or of the end.
func (n *Replica) Run(ctx context.Context, l net.Listener, ready func()) error {
	bus := newTasks(n.options.Logger) // outlives the tasks, which publish until they end
	bus.start(task{"bus", n.Bus.Run})
	tasks := newTasks(n.options.Logger)
	tasks.start(n.tasks()...)
	if err := n.awaitDependencies(ctx); err != nil {
		return errors.Join(err, n.end(tasks, bus))
	}
	n.beginRefreshing()
	tasks.start(task{"dependencies", forever(n.watchDependencies)})

	served := make(chan error, 1)
	go func() { served <- n.Server.Serve(l) }()
	n.state.Store(stateReady)
	ready()
	debug.FreeOSMemory() // the memory of the start, above all for compressing files, isn't needed again

	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
	case err = <-n.foreignLog:
	}
	return errors.Join(err, n.end(tasks, bus))
}

// end drains the replica and ends its tasks.
func (n *Replica) end(tasks, bus *tasks) error {
	return within(shutdownTimeout, n.options.Logger, func() error {
		n.drain()
		tasks.stop()
		return n.close(bus)
	})
}

// tasks returns the tasks that begin before the dependencies are up.
func (n *Replica) tasks() []task {
	list := []task{
		{"producer", n.Producer.Run},
		{"replica figures", forever(n.publishFigures)},
		{"operators' pages", n.serveOperators},
		{"migrations", forever(n.migrate)},
		{"topics", forever(n.createTopics)},
		{"claim of the log", forever(n.claimLog)},
		{"subscriptions", func(ctx context.Context) error { return n.subs.Run(ctx, n.Hub) }},
		{"hub", n.Hub.Run},
		{"backlog", forever(n.watchBacklog)},
		{"delivery traces", n.TraceStore.Run},
	}
	if n.cfg.Writer {
		list = append(list, task{"writer", forever(n.write)})
	}
	if n.cfg.Web {
		list = append(list,
			task{"presence", func(ctx context.Context) error { return n.Presence.Run(ctx, n.People) }},
			task{"relay", forever(n.listenToRelay)},
			task{"channels of groups", forever(n.follows.run)},
			task{"sessions", forever(n.watchSessions)},
			task{"load shedding", forever(n.adjustSendLimit)},
		)
	}

	return list
}

// awaitDependencies waits until the schema, the topics and the producer are there, so
// that the first request finds all of them. It gives up after startTimeout. Its error is that
// the log is another installation's.
func (n *Replica) awaitDependencies(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	select {
	case <-n.logClaimed:
	case err := <-n.foreignLog:
		return err
	case <-ctx.Done():
	}

	for ctx.Err() == nil && !n.Producer.Up() {
		loop.Sleep(ctx, 20*time.Millisecond)
	}
	return nil
}

// drain ends readiness, sends the streams to other replicas, and waits for requests.
func (n *Replica) drain() {
	n.options.Logger.Info("draining", "streams", n.Hub.Count())
	n.state.Store(stateDraining)
	ctx, cancel := context.WithTimeout(context.Background(), requestsTimeout)
	defer cancel()

	_ = n.registry.Publish(ctx, n.Self())
	n.Server.Drain()
	n.Hub.Drain(ctx, drainSpread)
	if err := n.Server.Shutdown(ctx); err != nil {
		n.options.Logger.Warn("requests cut off", "error", err)
	}
}

// close ends the connections to the dependencies, which no task uses any more.
func (n *Replica) close(bus *tasks) error {
	n.WriteSeen(context.Background())
	n.Producer.Close()
	n.closeTraces()
	bus.stop()
	n.rows.Close()
	n.store.Close()
	return n.Redis.Close()
}
