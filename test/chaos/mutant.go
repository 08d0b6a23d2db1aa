package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Mutant is a bug that is planted in a copy of one file of the program. The
// setting PLANTED_BUG activates it.
type Mutant struct {
	Bug  string
	File string
	// Old, which must occur exactly once in File, becomes New, in which %s is the condition of
	// the bug.
	Old, New string
	// Fault is the one of Faults that exposes the bug; "" if none is needed.
	Fault string
	// Before is the number of messages that are acknowledged before the fault.
	Before int
	// Caught is the kind of finding that proves the bug.
	Caught Kind
}

// switchboard is the one file that is added to the program. It says which bug is
// active.
const switchboard = `package chat

import "os"

func Planted(bug string) bool { return os.Getenv("PLANTED_BUG") == bug }
`

// BuildMutants builds the program with all mutants in it, none of them active.
func (d *Dependencies) BuildMutants(ctx context.Context, root string, mutants []Mutant) (program string, err error) {
	dir, err := os.MkdirTemp(d.dir, "mutants-")
	if err != nil {
		return "", err
	}

	file, err := overlay(root, dir, mutants)
	if err != nil {
		return "", err
	}

	return d.Build(ctx, "parley-mutants", "-overlay", file)
}

// overlay writes the changed files into dir, and the file that "go build
// -overlay" reads.
func overlay(root, dir string, mutants []Mutant) (file string, err error) {
	files := map[string]string{"app/chat/planted_bugs.go": switchboard}
	for _, m := range mutants {
		text, ok := files[m.File]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, m.File))
			if err != nil {
				return "", err
			}

			text = string(b)
		}

		if n := strings.Count(text, m.Old); n != 1 {
			return "", fmt.Errorf("%s: %q occurs %d times, so that the mutant “%s” can't be planted: "+
				"change test/chaos/mutants.go with it",
				m.File, m.Old, n, m.Bug)
		}

		active := fmt.Sprintf("chat.Planted(%q)", m.Bug)
		if strings.HasPrefix(m.File, "app/chat/") {
			active = strings.TrimPrefix(active, "chat.")
		}

		files[m.File] = strings.Replace(text, m.Old, fmt.Sprintf(m.New, active), 1)
	}

	replace := map[string]string{}

	for name, text := range files {
		changed := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		err = errors.Join(err, os.WriteFile(changed, []byte(text), 0o600))
		replace[filepath.Join(root, name)] = changed
	}

	b, e := json.Marshal(map[string]any{"Replace": replace})
	file = filepath.Join(dir, "overlay.json")
	return file, errors.Join(err, e, os.WriteFile(file, b, 0o600))
}

// Try runs a small workload on the program of BuildMutants through one fault,
// with one mutant active ("": none).
func Try(ctx context.Context, d *Dependencies, program string, m Mutant, random *rand.Rand) (Round, error) {
	fault := Fault{Name: "nothing happens"}

	if m.Fault != "" {
		var err error
		if fault, err = named(m.Fault); err != nil {
			return Round{}, err
		}
	}

	c, err := NewCluster(ctx, d, program, 2, random, "PLANTED_BUG="+m.Bug)
	if err != nil {
		return Round{}, err
	}
	defer c.Close()

	w, err := NewWorkload(ctx, c, WorkloadOptions{
		Run:      fmt.Sprintf("%x", random.Uint32()),
		People:   12,
		Pause:    200 * time.Millisecond,
		PageSize: 10,                      // conversations have many pages
		Timeout:  1500 * time.Millisecond, // people soon leave a replica that hangs
	})
	if err != nil {
		return Round{}, err
	}
	defer w.Close()
	script := Script{
		Before:  m.Before,
		Hold:    4 * time.Second,
		Least:   300,
		Stored:  20 * time.Second,
		Screens: 5 * time.Second,
	}
	return NewRounds(w, script).Run(ctx, fault), nil
}

func named(fault string) (Fault, error) {
	for _, f := range Faults() {
		if f.Name == fault {
			return f, nil
		}
	}

	return Fault{}, fmt.Errorf("no fault is named “%s”", fault)
}
