// Command cmd is the long run of the fault suite: cycles of all faults, each with people and conversations of its own, and the planted bugs. It
// prints a table as Markdown; what went wrong, and how far it is, goes to the standard error.
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

type options struct {
	seed   uint64
	rounds int
	least  int
	hold   time.Duration
	only   *regexp.Regexp
	plants bool
	keep   bool
}

func main() {
	var o options
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of everything that is left to chance")
	flag.IntVar(&o.rounds, "rounds", 25, "how often each fault happens")
	flag.IntVar(&o.least, "messages", 100, "acknowledged in each round, at least")
	flag.DurationVar(&o.hold, "hold", 5*time.Second, "how long a fault lasts")
	only := flag.String("only", "", "faults with this in their name: a regular expression")
	flag.BoolVar(&o.plants, "plants", true, "try the planted bugs first")
	flag.BoolVar(&o.keep, "keep", false, "leave the logs of all replicas and parts behind, and say where")
	flag.Parse()
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	begin := time.Now()
	fmt.Fprintf(os.Stderr, "seed %d\n", o.seed)
	random := rand.New(rand.NewPCG(o.seed, 0))
	var all []chaos.Round
	var wrong error
	for _, three := range []bool{false, true} {
		rounds, err := runOn(ctx, three, random, o)
		all, wrong = append(all, rounds...), errors.Join(wrong, err)
	}
	fmt.Printf("Seed %d; %d rounds of each fault, which lasts %v; %v.\n\n%s", o.seed, o.rounds, o.hold, time.Since(begin).Round(time.Second), chaos.Table(all))
	return wrong
}

// runOn is all cycles with one broker of Kafka and the faults for that, or with three.
func runOn(ctx context.Context, three bool, random *rand.Rand, o options) (all []chaos.Round, wrong error) {
	kinds := slices.DeleteFunc(chaos.Faults(), func(f chaos.Fault) bool { return f.Three != three || !o.only.MatchString(f.Name) })
	plants := o.plants && !three
	if len(kinds) == 0 && !plants || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	parts, err := chaos.StartParts(ctx, three)
	if err != nil {
		return nil, err
	}
	parts.Keep = o.keep
	defer parts.Stop()
	if plants {
		wrong = tryPlants(ctx, parts, random)
	}
	program, err := parts.Build(ctx, "parley", "")
	if err != nil {
		return nil, err
	}
	for n := 0; n < o.rounds && len(kinds) > 0; n++ {
		rounds, err := cycle(ctx, parts, program, n, random, kinds, o)
		all = append(all, rounds...)
		if wrong = errors.Join(wrong, err); ctx.Err() != nil {
			break
		}
	}
	return all, wrong
}

// cycle is every fault once, in another order each time, on replicas of its own.
func cycle(ctx context.Context, parts *chaos.Parts, program string, n int, random *rand.Rand, kinds []chaos.Fault, o options) (list []chaos.Round, err error) {
	w, err := chaos.NewCluster(ctx, parts, program, 3, random)
	if err != nil {
		return nil, err
	}
	defer w.End()
	crowd, err := chaos.NewWorkload(ctx, w, chaos.WorkloadOptions{
		Run: fmt.Sprintf("%xr%d", o.seed, n), People: 24, Pause: 400 * time.Millisecond, PageSize: 100, Timeout: 6 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	defer crowd.End()
	rounds := chaos.NewRounds(crowd, chaos.Script{Before: 50, Hold: o.hold, Least: o.least, Stored: 2 * time.Minute, Screens: time.Minute})
	random.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	for _, f := range kinds {
		if ctx.Err() != nil {
			break
		}
		r := rounds.Run(ctx, f)
		list = append(list, r)
		fmt.Fprintf(os.Stderr, "%d: %s: %d acknowledged, %d findings, %v\n", n+1, f.Name, r.OK, len(r.Found), r.Err)
		for _, found := range r.Found {
			err = errors.Join(err, fmt.Errorf("%d: %s: %v", n+1, f.Name, found))
		}
		if r.Err != nil {
			err = errors.Join(err, fmt.Errorf("%d: %s: %w", n+1, f.Name, r.Err))
		}
	}
	return list, err
}

// tryPlants looks whether each planted bug is caught.
func tryPlants(ctx context.Context, parts *chaos.Parts, random *rand.Rand) (wrong error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	plants := chaos.Mutants()
	program, err := parts.BuildPlanted(ctx, root, plants)
	if err != nil {
		return err
	}
	for _, p := range plants {
		r, err := chaos.Try(ctx, parts, program, p, random)
		if err == nil && len(r.Of(p.Caught)) == 0 {
			err = fmt.Errorf("planted, and not caught as %s: %s", p.Caught, p.Bug)
		}
		fmt.Fprintf(os.Stderr, "%s: caught %d times as %s\n", p.Bug, len(r.Of(p.Caught)), p.Caught)
		wrong = errors.Join(wrong, err)
	}
	return wrong
}
