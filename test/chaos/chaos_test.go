package chaos

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

var (
	seedFlag = flag.Uint64("seed", 0, "of everything that is left to chance; 0: another one each time")
	keepFlag = flag.Bool("keep", false, "leave the logs of all replicas and parts behind")
	onlyFlag = flag.String("only", "", "faults with this in their name")
	shared   *Parts
	program  string
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	ctx := context.Background()
	var err error
	if shared, err = StartParts(ctx, false); err == nil {
		defer shared.Stop()
		shared.Keep = *keepFlag
		program, err = shared.Build(ctx, "parley", "")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// TestNothingIsLostWhateverFails: 24 people on three replicas talk through every kind of fault. It prints its seed, for -seed.
func TestNothingIsLostWhateverFails(t *testing.T) {
	talkThrough(t, shared, shortFaults(t, false), 5000)
}

// TestNothingIsLostWhenLeadersMove: the same on three brokers of Kafka, each of which has a copy of everything.
func TestNothingIsLostWhenLeadersMove(t *testing.T) {
	faults := shortFaults(t, true)
	if len(faults) == 0 {
		return // -only names one that wants a single broker
	}
	parts, err := StartParts(context.Background(), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(parts.Stop)
	parts.Keep = *keepFlag
	talkThrough(t, parts, faults, 500)
}

// talkThrough has at least so many messages acknowledged in all.
func talkThrough(t *testing.T, parts *Parts, faults []Fault, least int) {
	if len(faults) == 0 {
		return // -only names one that wants three brokers
	}
	ctx, seed := context.Background(), seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	w, err := NewCluster(ctx, parts, program, 3, random)
	if err != nil {
		t.Fatal(err)
	}
	defer w.End()
	crowd, err := NewWorkload(ctx, w, WorkloadOptions{Run: fmt.Sprintf("%x", seed), People: 24, Pause: 400 * time.Millisecond, PageSize: 100, Timeout: 6 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer crowd.End()
	rounds := NewRounds(crowd, Script{Before: 50, Hold: 3 * time.Second, Least: least/len(faults) + 1, Stored: time.Minute, Screens: 45 * time.Second})
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

// seed is what was given, or another one; it is printed.
func seed(t *testing.T) uint64 {
	s := *seedFlag
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed %d", s)
	return s
}

// shortFaults are those of the short run, with one broker of Kafka or three, or those that -only names.
func shortFaults(t *testing.T, three bool) (list []Fault) {
	named := *onlyFlag == ""
	for _, f := range Faults() {
		only := *onlyFlag != "" && strings.Contains(f.Name, *onlyFlag)
		named = named || only
		if f.Three == three && (only || *onlyFlag == "" && !f.Long) {
			list = append(list, f)
		}
	}
	if !named {
		t.Fatalf("there is no fault with %q in its name", *onlyFlag)
	}
	return list
}

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
