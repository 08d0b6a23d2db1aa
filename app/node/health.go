package node

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"parley/app/web"
)

var _ web.Health = (*Node)(nil)

// downs remembers which components are away.
type downs struct {
	mu       sync.Mutex
	postgres bool
	list     []string
}

// Ready answers nil while a message can be made durable: in the log, or in the store.
func (n *Node) Ready(context.Context) error {
	n.down.mu.Lock()
	defer n.down.mu.Unlock()
	if !n.producer.Up() && n.down.postgres {
		return errors.New("neither the log nor the store answers")
	}
	return nil
}

// Down names the components that are away.
func (n *Node) Down() []string {
	n.down.mu.Lock()
	defer n.down.mu.Unlock()
	return slices.Clone(n.down.list)
}

const watchEvery = time.Second

// watch looks after the components, and tells the pages when one goes or comes.
func (n *Node) watch(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		ping, cancel := context.WithTimeout(ctx, watchEvery)
		err := n.store.Ping(ping)
		cancel()
		n.down.mu.Lock()
		n.down.postgres = err != nil
		n.down.mu.Unlock()
		n.refreshDown()
	}
}

func (n *Node) refreshDown() {
	var list []string
	n.down.mu.Lock()
	if n.down.postgres {
		list = append(list, "postgres")
	}
	if n.bus != nil && n.bus.Down() {
		list = append(list, "redis")
	}
	if !n.producer.Up() {
		list = append(list, "kafka")
	}
	changed := !slices.Equal(list, n.down.list)
	n.down.list = list
	n.down.mu.Unlock()
	if !changed {
		return
	}
	n.logger.Info("components away", "down", list)
	if n.hub != nil {
		n.hub.SetDown(slices.Clone(list))
	}
}
