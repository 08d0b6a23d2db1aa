package replica

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"parley/app/loop"
)

// task is a goroutine of a replica. run returns when ctx ends, or earlier when its
// work is done.
type task struct {
	name string
	run  func(ctx context.Context) error
}

// forever is the run of a task that never fails.
func forever(f func(ctx context.Context)) func(context.Context) error {
	return func(ctx context.Context) error {
		f(ctx)
		return nil
	}
}

// tasks runs tasks until stop.
type tasks struct {
	ctx     context.Context
	cancel  context.CancelFunc
	logger  *slog.Logger
	running sync.WaitGroup
}

func newTasks(logger *slog.Logger) *tasks {
	ctx, cancel := context.WithCancel(context.Background())
	return &tasks{ctx: ctx, cancel: cancel, logger: logger}
}

// start starts the tasks in their order. The error of a task is logged; the others
// continue.
func (t *tasks) start(list ...task) {
	for _, task := range list {
		t.running.Go(func() {
			defer LogPanic(t.logger, task.name)

			if err := task.run(t.ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.logger.Error("task failed", "task", task.name, "error", err)
			}
		})
	}
}

// stop ends the tasks' context and waits until all of them have returned.
func (t *tasks) stop() {
	t.cancel()
	t.running.Wait()
}

// The waits between attempts of retry.
const (
	minRetryDelay = 200 * time.Millisecond
	maxRetryDelay = 5 * time.Second
)

// retry calls try until it succeeds or ctx ends, and reports whether it succeeded. It logs an error
// once, until it is another one.
func (n *Replica) retry(ctx context.Context, task string, try func() error) bool {
	backoff := loop.Backoff{Min: minRetryDelay, Max: maxRetryDelay}
	logged := ""
	for ctx.Err() == nil {
		err := try()
		if err == nil {
			return true
		}
		if text := err.Error(); text != logged {
			n.options.Logger.Warn("retrying", "task", task, "error", err)
			logged = text
		}
		backoff.Wait(ctx)
	}

	return false
}
