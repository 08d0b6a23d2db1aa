// Command cmd is the long run of the fault suite: rounds of all faults, each
// round with people and conversations of its own, and the mutants. It prints a
// table as Markdown; progress and findings go to the standard error.
//
//	go run ./test/chaos/cmd -seed 1 -rounds 25 > table.md
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"parley/test/chaos"
)

// run is the flags, and the source of everything random.
type run struct {
	seed    uint64
	rounds  int
	least   int
	hold    time.Duration
	only    *regexp.Regexp
	mutants bool
	keep    bool
	random  *rand.Rand
}

func main() {
	var r run
	flag.Uint64Var(&r.seed, "seed", uint64(time.Now().UnixNano()), "the seed of everything random")
	flag.IntVar(&r.rounds, "rounds", 25, "how often each fault happens")
	flag.IntVar(&r.least, "messages", 100, "acknowledged in each round, at least")
	flag.DurationVar(&r.hold, "hold", 5*time.Second, "how long a fault lasts")
	only := flag.String("only", "", "run the faults with this in their name only: a regular expression")
	flag.BoolVar(&r.mutants, "plants", true, "try the mutants first")
	flag.BoolVar(&r.keep, "keep", false, "keep the logs of all replicas and dependencies, and print where")
	flag.Parse()

	var err error
	if r.only, err = regexp.Compile(*only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}

	r.random = rand.New(rand.NewPCG(r.seed, 0))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	if err := r.all(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// all runs everything, and prints the table. Its error joins all that was wrong.
func (r run) all(ctx context.Context) (wrong error) {
	begin := time.Now()
	fmt.Fprintf(os.Stderr, "seed %d\n", r.seed)
	var all []chaos.Round

	for _, three := range []bool{false, true} {
		rounds, err := r.on(ctx, three)
		all, wrong = append(all, rounds...), errors.Join(wrong, err)
	}

	fmt.Printf("Seed %d; %d rounds of each fault, which lasts %v; %v.\n\n%s",
		r.seed, r.rounds, r.hold, time.Since(begin).Round(time.Second), chaos.Table(all))
	return wrong
}

// on runs all rounds with one Kafka broker and the faults for that, or with
// three.
func (r run) on(ctx context.Context, three bool) (all []chaos.Round, wrong error) {
	faults := slices.DeleteFunc(chaos.Faults(), func(f chaos.Fault) bool {
		return f.Three != three || !r.only.MatchString(f.Name)
	})

	mutants := r.mutants && !three
	if len(faults) == 0 && !mutants || ctx.Err() != nil {
		return nil, ctx.Err()
	}

	d, err := chaos.StartDependencies(ctx, three)
	if err != nil {
		return nil, err
	}

	d.Keep = r.keep
	defer d.Stop()

	if mutants {
		wrong = r.tryMutants(ctx, d)
	}

	program, err := d.Build(ctx, "parley")
	if err != nil {
		return nil, err
	}

	for n := 0; n < r.rounds && len(faults) > 0; n++ {
		rounds, err := r.round(ctx, d, program, n, faults)
		all = append(all, rounds...)

		if wrong = errors.Join(wrong, err); ctx.Err() != nil {
			break
		}
	}

	return all, wrong
}

// round runs every fault once, in a random order, on replicas of its own.
func (r run) round(
	ctx context.Context, d *chaos.Dependencies, program string, n int, faults []chaos.Fault,
) (list []chaos.Round, wrong error) {
	c, err := chaos.NewCluster(ctx, d, program, 3, r.random)
	if err != nil {
		return nil, err
	}
	defer c.Close()

	w, err := chaos.NewWorkload(ctx, c, chaos.WorkloadOptions{
		Run:      fmt.Sprintf("%xr%d", r.seed, n),
		People:   24,
		Pause:    400 * time.Millisecond,
		PageSize: 100,
		Timeout:  6 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	defer w.Close()

	rounds := chaos.NewRounds(w, chaos.Script{
		Before: 50, Hold: r.hold, Least: r.least, Stored: 2 * time.Minute, Screens: time.Minute,
	})
	r.random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })

	for _, f := range faults {
		if ctx.Err() != nil {
			break
		}

		result := rounds.Run(ctx, f)
		list = append(list, result)
		fmt.Fprintf(os.Stderr, "%d: %s: %d acknowledged, %d findings, %v\n",
			n+1, f.Name, result.OK, len(result.Found), result.Err)

		for _, found := range result.Found {
			wrong = errors.Join(wrong, fmt.Errorf("%d: %s: %v", n+1, f.Name, found))
		}

		if result.Err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("%d: %s: %w", n+1, f.Name, result.Err))
		}
	}

	return list, wrong
}

// tryMutants fails unless each mutant is caught.
func (r run) tryMutants(ctx context.Context, d *chaos.Dependencies) (wrong error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}

	mutants := chaos.Mutants()

	program, err := d.BuildMutants(ctx, root, mutants)
	if err != nil {
		return err
	}

	for _, m := range mutants {
		result, err := chaos.Try(ctx, d, program, m, r.random)

		caught := len(result.Of(m.Caught))
		if err == nil && caught == 0 {
			err = fmt.Errorf("mutant not caught as %s: %s", m.Caught, m.Bug)
		}

		fmt.Fprintf(os.Stderr, "%s: caught %d times as %s\n", m.Bug, caught, m.Caught)
		wrong = errors.Join(wrong, err)
	}

	return wrong
}
