// Package drill hurts an installation of its own while people write to each other in it, and tells what that cost: each part is killed and stalled
// in turn, with real signals, and every acknowledged message must be there once and in order afterwards.
package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Options say how to drill.
type Options struct {
	Yours   map[string]string // parts that aren't embedded, by name: "postgres", "redis", and their addresses. They keep what the drill writes
	Program string            // the program itself, which is started as replicas and services
	For     time.Duration     // how long each fault lasts
	Dir     string            // for the installation's data; it must be empty, and reachable for Postgres' user
	Log     io.Writer         // a line for each step
}

// ErrBroken says that a promise was broken; the rows tell which.
var ErrBroken = errors.New("messages were lost, duplicated or out of order")

// settleTimeout bounds how long a recovery may take, and then how long it may be until what was acknowledged is stored: beyond, it is lost.
const settleTimeout = time.Minute

// Run drills. It answers a row for each fault, those that came before an error too.
func Run(ctx context.Context, o Options) (rows []Row, err error) {
	begin := time.Now()
	in, err := install(ctx, o)
	defer in.remove()
	if err != nil {
		return nil, err
	}
	talks, err := meet(ctx, in.bases())
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(o.Log, "An installation of two replicas answers after %s. Each fault lasts %s.\n", time.Since(begin).Round(time.Millisecond), o.For)
	talks.listen()
	defer talks.leave()
	for _, f := range in.faults() {
		fmt.Fprintf(o.Log, "%s …\n", f.name)
		row, err := phase(ctx, talks, f, o.For)
		if ctx.Err() != nil {
			return rows, errors.New("ended before the last fault")
		}
		if err != nil {
			return rows, fmt.Errorf("%s: %w", f.name, err)
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

// fault is something that is done to the installation, and undone.
type fault struct {
	name string
	do   func() error
	undo func(ctx context.Context) error // returns when the part answers again
}

// phase sends while a fault comes, lasts and goes, until all is as before; then it looks at what is there.
func phase(ctx context.Context, t *talks, f fault, lasts time.Duration) (Row, error) {
	ctx, cancel := context.WithTimeout(ctx, lasts+3*settleTimeout)
	defer cancel()
	t.begin()
	defer t.stop()
	if err := t.await(ctx, time.Now()); err != nil { // before it is hurt, it works
		return Row{}, err
	}
	if err := f.do(); err != nil {
		return Row{}, err
	}
	select {
	case <-time.After(lasts):
	case <-ctx.Done():
	}
	if err := f.undo(ctx); err != nil {
		return Row{}, err
	}
	healed := time.Now()
	if err := t.await(ctx, healed); err != nil {
		return Row{}, err
	}
	t.stop()
	return t.row(ctx, f.name, healed)
}
