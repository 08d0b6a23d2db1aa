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

// maxTries is how often a mutant is tried before it counts as not caught, because
// some bugs show only if a fault meets a message in a window of milliseconds.
const maxTries = 3

// TestMutantsAreCaught proves the suite. The same program with no mutant active
// passes. Two sets of dependencies let two mutants run at the same time.
func TestMutantsAreCaught(t *testing.T) {
	t.Parallel()
	ctx := context.Background()

	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}

	mutants := Mutants()

	program, err := shared.BuildMutants(ctx, root, mutants)
	if err != nil {
		t.Fatal(err)
	}

	second, err := shared.second()
	if err != nil {
		t.Fatal(err)
	}

	idle := make(chan *Dependencies, 2)
	idle <- shared.Dependencies
	idle <- second

	none := Mutant{Fault: mutants[1].Fault, Before: mutants[1].Before}
	for _, m := range append(mutants, none) {
		if !strings.Contains(m.Bug, *onlyFlag) {
			continue
		}

		t.Run(cmp.Or(m.Bug, "none is active"), func(t *testing.T) {
			t.Parallel()
			d := <-idle
			defer func() { idle <- d }()

			for left := maxTries; left > 0; left-- {
				r, err := Try(ctx, d, program, m, rand.New(rand.NewPCG(seed(t), uint64(left))))
				if err != nil {
					t.Fatal(err)
				}

				for _, k := range Kinds {
					if found := r.Of(k); len(found) > 0 {
						t.Logf("%d times %v", len(found), found[0])
					}
				}

				if m.Bug == "" {
					report(t, r)
					return
				}

				if len(r.Of(m.Caught)) > 0 {
					return
				}

				t.Logf("not caught as %s by %d messages: %v, %v", m.Caught, r.OK, r.Found, r.Err)
			}

			t.Errorf("%s: not caught in %d tries", m.Bug, maxTries)
		})
	}
}

// TestAMutantThatCanNotBePlantedFails: a program whose text has changed must not
// be tried as it is.
func TestAMutantThatCanNotBePlantedFails(t *testing.T) {
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
