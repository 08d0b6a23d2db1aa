// Package drill injects faults into an installation of its own while people
// write to each other, and reports their cost: each dependency is killed and
// stalled in turn, with real signals, and every acknowledged message must be
// there once and in order afterwards.
package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parley/app/drill/faults"
)

// Options configure a drill.
type Options struct {
	// External are the addresses of dependencies that are not embedded, by name
	// ("postgres", "redis"). They keep what the drill writes.
	External map[string]string
	// Program is the path of the parley binary, which is started as replicas and services.
	Program string
	// For is how long each fault lasts.
	For time.Duration
	// Dir holds the installation's data. It must be empty, and reachable for PostgreSQL's user.
	Dir string
	// Log receives a line for each step.
	Log io.Writer
}

// ErrBroken reports that messages were lost, duplicated or out of order. The
// rows show which fault did it.
var ErrBroken = errors.New("messages were lost, duplicated or out of order")

// recoveryTimeout bounds a recovery, and then the time until all acknowledged
// messages are stored. What is not stored by then is lost.
const recoveryTimeout = time.Minute

// Run runs a drill. It returns a row for each fault, also for those before an
// error.
func Run(ctx context.Context, o Options) (rows []Row, err error) {
	begin := time.Now()
	in, err := install(ctx, o)
	defer in.remove()

	if err != nil {
		return nil, err
	}

	w, err := newWorkload(ctx, in.bases())
	if err != nil {
		return nil, err
	}

	ready := time.Since(begin).Round(time.Millisecond)
	fmt.Fprintf(o.Log, "An installation of two replicas answers after %s. Each fault lasts %s.\n", ready, o.For)

	w.watch()
	defer w.close()

	for _, f := range in.faults() {
		fmt.Fprintf(o.Log, "%s …\n", f.Name)

		row, err := runPhase(ctx, w, f, o.For)
		if ctx.Err() != nil {
			return rows, errors.New("ended before the last fault")
		}

		if err != nil {
			return rows, err
		}

		rows = append(rows, row)
	}

	for _, r := range rows {
		if r.broken() {
			return rows, ErrBroken
		}
	}

	return rows, nil
}

// runPhase sends messages before, during and after a fault, until everything
// works again. Then it checks what is stored.
func runPhase(ctx context.Context, w *workload, f faults.Fault, lasts time.Duration) (Row, error) {
	ctx, cancel := context.WithTimeout(ctx, lasts+3*recoveryTimeout)
	defer cancel()
	w.begin()
	defer w.stop()

	if err := w.recovery.await(ctx, time.Now()); err != nil {
		return Row{}, fmt.Errorf("before %s: %w", f.Name, err)
	}

	if err := f.Run(ctx, lasts); err != nil {
		return Row{}, err
	}

	recovered := time.Now()
	if err := w.recovery.await(ctx, recovered); err != nil {
		return Row{}, fmt.Errorf("%s: %w", f.Name, err)
	}

	w.stop()

	row, err := w.row(ctx, f.Name, recovered)
	if err != nil {
		return row, fmt.Errorf("%s: %w", f.Name, err)
	}

	return row, nil
}
