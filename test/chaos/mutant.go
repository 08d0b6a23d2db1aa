package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Try lets a small crowd talk on the planted program with one bug awake ("": none), through one fault. What it found is in the answer.
func Try(ctx context.Context, parts *Parts, program string, p Mutant, random *rand.Rand) (Round, error) {
	w, err := NewCluster(ctx, parts, program, 2, random, "PLANTED_BUG="+p.Bug)
	if err != nil {
		return Round{}, err
	}
	defer w.End()
	// A replica that hangs is soon left alone; and a page of few messages makes a conversation of many pages.
	o := WorkloadOptions{Run: fmt.Sprintf("%x", random.Uint32()), People: 12, Pause: 200 * time.Millisecond, PageSize: 10, Timeout: 1500 * time.Millisecond}
	crowd, err := NewWorkload(ctx, w, o)
	if err != nil {
		return Round{}, err
	}
	defer crowd.End()
	rounds := NewRounds(crowd, Script{Before: p.Before, Hold: 4 * time.Second, Least: 300, Stored: 20 * time.Second, Screens: 5 * time.Second})
	for _, f := range Faults() {
		if f.Name == p.Fault {
			return rounds.Run(ctx, f), nil
		}
	}
	if p.Fault != "" {
		return Round{}, fmt.Errorf("there is no fault “%s”", p.Fault)
	}
	return rounds.Run(ctx, Fault{Name: "nothing happens"}), nil
}
