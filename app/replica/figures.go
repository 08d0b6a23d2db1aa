package replica

import (
	"context"
	"time"

	"parley/app/loop"
	"parley/app/status"
)

const figuresInterval = 3 * time.Second

// publishFigures publishes this replica's figures for the operators' pages of all
// replicas, and removes them at the end. Errors are ignored, because the bus logs that
// Redis is down.
func (n *Replica) publishFigures(ctx context.Context) {
	publish := func(ctx context.Context) { _ = n.registry.Publish(ctx, n.Self()) }
	publish(ctx)
	loop.Every(ctx, figuresInterval, publish)
	_ = n.registry.Remove(context.WithoutCancel(ctx), n.Name)
}

// Self returns this replica's figures.
func (n *Replica) Self() status.Replica {
	state, ok := n.state.Load().(string)
	if !ok {
		state = stateStarting
	}

	f := n.Metrics.Snapshot()
	return status.Replica{
		Name:       n.Name,
		Version:    f.Version,
		State:      state,
		Since:      f.Started,
		At:         time.Now(),
		Streams:    f.Streams,
		People:     len(n.Hub.People()),
		Memory:     max(f.RSS, f.Heap),
		Goroutines: f.Goroutines,
		Queued:     f.QueuedBytes,
		Down:       n.Down(),
		Acked:      f.Ack,
		Shown:      f.Delivered,
		Stored:     f.Stored,
	}
}
