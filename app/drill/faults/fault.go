// Package faults injects faults and recovers from them: it signals process
// trees and breaks network links. The drill and the fault suite (test/chaos) are
// built on it.
package faults

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Fault is something that can be injected into an installation.
type Fault struct {
	// Name is the fault's title in tables.
	Name string
	// Inject causes the fault. Nil: nothing happens, for no time.
	Inject func(ctx context.Context) error
	// Recover ends the fault, and returns when what was hit runs again. Nil: it ends by itself.
	Recover func(ctx context.Context) error
}

// Run injects the fault, holds it, and recovers, also after a failed injection.
func (f Fault) Run(ctx context.Context, hold time.Duration) error {
	if f.Inject == nil {
		return nil
	}

	err := f.Inject(ctx)
	select {
	case <-time.After(hold):
	case <-ctx.Done():
	}

	if f.Recover != nil {
		err = errors.Join(err, f.Recover(ctx))
	}

	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}

	return nil
}
