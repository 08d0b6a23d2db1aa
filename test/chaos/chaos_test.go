package chaos

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	seedFlag = flag.Uint64("seed", 0, "the seed of everything random; 0: another one each time")
	keepFlag = flag.Bool("keep", false, "keep the logs of all replicas and dependencies")
	onlyFlag = flag.String("only", "", "run the faults with this in their name only")
)

// shared are the dependencies with one Kafka broker, and the program's path. second are started by
// the first test that uses them.
var shared struct {
	*Dependencies
	program string
	second  func() (*Dependencies, error)
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	ctx := context.Background()

	var err error
	if shared.Dependencies, err = StartDependencies(ctx, false); err == nil {
		defer shared.Stop()
		shared.Keep = *keepFlag
		shared.program, err = shared.Build(ctx, "parley")
	}

	var second *Dependencies
	shared.second = sync.OnceValues(func() (_ *Dependencies, err error) {
		if second, err = StartDependencies(ctx, false); err == nil {
			second.Keep = *keepFlag
		}
		return second, err
	})
	defer func() {
		if second != nil {
			second.Stop()
		}
	}()

	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}

	return m.Run()
}

// TestNothingIsLostWhateverFails runs people on three replicas through every kind of fault: 24 people
// through one half of the faults and, on other dependencies, 24 through the other half at the same
// time. It prints its seeds, for -seed.
func TestNothingIsLostWhateverFails(t *testing.T) {
	faults := selectedFaults(t, false)
	second, err := shared.second()
	if err != nil {
		t.Fatal(err)
	}

	half := (len(faults) + 1) / 2
	for d, faults := range map[*Dependencies][]Fault{shared.Dependencies: faults[:half], second: faults[half:]} {
		t.Run(fmt.Sprint(len(faults), " faults"), func(t *testing.T) {
			t.Parallel()
			runFaults(t, d, faults, 2500)
		})
	}
}

// TestNothingIsLostWhenLeadersMove does the same on three Kafka brokers, each of
// which has a copy of everything. It may run beside a mutant: its faults are less
// sensitive to load than those of TestNothingIsLostWhateverFails, which runs alone.
func TestNothingIsLostWhenLeadersMove(t *testing.T) {
	t.Parallel()
	faults := selectedFaults(t, true)
	if len(faults) == 0 {
		return // -only names one of a single broker
	}

	d, err := StartDependencies(context.Background(), true)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(d.Stop)
	d.Keep = *keepFlag
	runFaults(t, d, faults, 500)
}

// runFaults runs one round of each fault, with at least so many messages
// acknowledged in all.
func runFaults(t *testing.T, d *Dependencies, faults []Fault, least int) {
	if len(faults) == 0 {
		return // -only names one of three brokers
	}

	ctx, seed := context.Background(), seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })

	c, err := NewCluster(ctx, d, shared.program, 3, random)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	w, err := NewWorkload(ctx, c, WorkloadOptions{
		Run:      fmt.Sprintf("%x", seed),
		People:   24,
		Pause:    400 * time.Millisecond,
		PageSize: 100,
		Timeout:  6 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()

	rounds := NewRounds(w, Script{
		Before:  50,
		Hold:    3 * time.Second,
		Least:   least/len(faults) + 1,
		Stored:  time.Minute,
		Screens: 45 * time.Second,
	})

	var results []Round

	for _, f := range faults {
		begin := time.Now()
		r := rounds.Run(ctx, f)
		t.Logf("%v: %d acknowledged in %v", f.Name, r.OK, time.Since(begin).Round(time.Millisecond))
		report(t, r)
		results = append(results, r)
	}

	t.Logf("seed %d\n%s", seed, Table(results))
}

// seed returns the value of -seed, or a random one, and prints it.
func seed(t *testing.T) uint64 {
	s := *seedFlag
	if s == 0 {
		s = rand.Uint64()
	}

	t.Logf("-seed %d", s)
	return s
}

// selectedFaults lists those of the short run, or those that -only names, for
// one Kafka broker or three.
func selectedFaults(t *testing.T, three bool) (list []Fault) {
	found := *onlyFlag == ""
	for _, f := range Faults() {
		only := *onlyFlag != "" && strings.Contains(f.Name, *onlyFlag)

		found = found || only
		if f.Three == three && (only || *onlyFlag == "" && !f.Long) {
			list = append(list, f)
		}
	}

	if !found {
		t.Fatalf("no fault has %q in its name", *onlyFlag)
	}

	return list
}

// report fails the test for what went wrong in a round; at most ten findings.
func report(t *testing.T, r Round) {
	t.Helper()

	if r.Err != nil {
		t.Errorf("%s: %v", r.Fault, r.Err)
	}

	for i, f := range r.Found {
		if i == 10 {
			t.Errorf("%s: %d more", r.Fault, len(r.Found)-i)
			break
		}

		t.Errorf("%s: %v", r.Fault, f)
	}
}
