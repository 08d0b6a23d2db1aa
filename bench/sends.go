package main

import (
	"context"
	"fmt"
	"time"

	"parley/app/client"
)

// sends measures POST → 201, and the floors below it: an HTTP round trip to an
// empty handler, an acknowledgement of the log, and a round trip of Redis, one
// after the other.
func sends(ctx context.Context, in *installation) error {
	ada, ids, err := conversations(ctx, in.base, 64)
	if err != nil {
		return err
	}

	var f floors
	if in.set != nil {
		if f, err = newFloors(ctx, in.set); err != nil {
			return err
		}
		defer f.close()
	}

	post := func(i int) error {
		_, err := ada.Send(ctx, client.Write(ids[i%len(ids)], "Seven at the mooring, then. I’ll have the kettle on."))
		return err
	}

	// A broker's virtual machine compiles for its first half minute under load, on
	// the cores that are being measured.
	if _, err := timed(60_000, 64, post); err != nil {
		return err
	}

	for _, inFlight := range []int{1, 64} {
		if err := compareSends(inFlight, f, post); err != nil {
			return err
		}
	}
	return nil
}

// compareSends prints sends beside their floors.
func compareSends(inFlight int, f floors, post func(i int) error) error {
	n := 3000 * min(inFlight, 8)
	if _, err := timed(n/10, inFlight, post); err != nil { // warm up
		return err
	}

	fmt.Printf("  %d in flight                p50        p99     per s\n", inFlight)
	row := func(name string, do func(i int) error) (time.Duration, error) {
		t, err := timed(n, inFlight, do)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("    %-18s %10v %10v %9.0f\n", name, t.p50, t.p99, t.perSecond)
		return t.p50, nil
	}

	var sum time.Duration
	for _, floor := range f.single {
		p50, err := row(floor.name, floor.do)
		if err != nil {
			return err
		}
		sum += p50
	}

	var together time.Duration
	if f.together != nil {
		var err error
		if together, err = row("all in one handler", f.together); err != nil {
			return err
		}
	}

	p50, err := row("POST → 201", post)
	if err != nil || f.together == nil {
		return err
	}

	ratio := func(a, b time.Duration) float64 { return float64(a) / float64(b) }
	fmt.Printf("    p50 / sum of floors %.2f  (all in one / sum %.2f, POST / all in one %.2f)\n",
		ratio(p50, sum), ratio(together, sum), ratio(p50, together))
	return nil
}
