package chaos

import (
	"cmp"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlantedBugsAreCaught: the suite proves itself. The same program with all bugs asleep passes.
func TestPlantedBugsAreCaught(t *testing.T) {
	ctx, root := context.Background(), filepath.Join("..", "..")
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	plants := Mutants()
	planted, err := shared.BuildPlanted(ctx, root, plants)
	if err != nil {
		t.Fatal(err)
	}
	asleep := Mutant{Fault: plants[1].Fault, Before: plants[1].Before}
	for _, p := range append(plants, asleep) {
		if !strings.Contains(p.Bug, *onlyFlag) {
			continue
		}
		t.Run(cmp.Or(p.Bug, "all are asleep"), func(t *testing.T) {
			r, err := Try(ctx, shared, planted, p, rand.New(rand.NewPCG(seed(t), 0)))
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range Kinds {
				if found := r.Of(k); len(found) > 0 {
					t.Logf("%d times %v", len(found), found[0])
				}
			}
			switch {
			case p.Bug == "":
				report(t, r)
			case len(r.Of(p.Caught)) == 0:
				t.Errorf("%s: not caught as %s by %d messages: %v, %v", p.Bug, p.Caught, r.OK, r.Found, r.Err)
			}
		})
	}
}

// TestABugThatCanNotBePlantedFails: when the program's text has changed, the suite says so instead of trying the program as it is.
func TestABugThatCanNotBePlantedFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "app"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "app", "x.go"), []byte("one one two"), 0o600); err != nil {
		t.Fatal(err)
	}
	for old, want := range map[string]bool{"one": false, "two": true, "three": false} {
		if _, err := overlay(dir, dir, []Mutant{{File: "app/x.go", Old: old, New: "%s"}}); (err == nil) != want {
			t.Errorf("%q: %v", old, err)
		}
	}
}
