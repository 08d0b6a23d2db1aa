// Package parley builds the program and runs replicas of it in processes of
// their own, for tests and benchmarks.
package parley

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley/app/devservices"
	"parley/app/drill/program"
)

var (
	building sync.Mutex
	built    = map[string]bool{} // by path
)

// Build builds the program into the file path, once per path and process. flags are
// for "go build".
func Build(ctx context.Context, path string, flags ...string) error {
	building.Lock()
	defer building.Unlock()
	if built[path] {
		return nil
	}

	args := append([]string{"build", "-o", path}, flags...)
	out, err := exec.CommandContext(ctx, "go", append(args, "parley/app")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build: %w: %s", err, out)
	}
	built[path] = true
	return nil
}

// Replica is a replica in a process of its own.
type Replica struct {
	*program.Process
	// Admin is the operators' listener: host:port.
	Admin string
}

// New reserves addresses for a replica of the program in the file path. Its environment
// is that of this process without rate limits; settings (NAME=value) override both. The
// replica runs after Start.
func New(path, log string, settings ...string) (*Replica, error) {
	port, err := devservices.FreePort(0)
	if err != nil {
		return nil, err
	}

	r := &Replica{Admin: fmt.Sprintf("127.0.0.1:%d", port)}
	own := []string{"OPS_ADDR=" + r.Admin}
	for _, limit := range []string{
		"MESSAGES", "CONVERSATION", "SIGNINS", "SEARCHES", "REQUESTS_PER_DAY",
		"CHANGES", "UPLOADS", "READS", "STREAMS_PER_USER", "STREAMS_PER_ADDRESS", "CONNECTIONS_PER_ADDRESS",
	} {
		own = append(own, "LIMIT_"+limit+"=0")
	}
	r.Process, err = program.New(path, log, os.Environ(), append(own, settings...)...)
	return r, err
}

// StartTimeout is the time within which a replica must become ready.
const StartTimeout = 40 * time.Second

// Start runs a replica until the test ends. If the test failed, its log shows the
// replica's.
func Start(t testing.TB, path string, settings ...string) *Replica {
	t.Helper()
	r, err := New(path, filepath.Join(t.TempDir(), "replica.log"), settings...)
	if err != nil {
		t.Fatal(err)
	}
	r.StopAtEnd(t)
	r.MustStart(t)
	return r
}

// MustStart starts the replica, again after it was stopped, and fails the test
// if it is not ready within StartTimeout.
func (r *Replica) MustStart(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), StartTimeout)
	defer cancel()
	if err := r.Process.Start(ctx); err != nil {
		t.Fatal(err)
	}
}

// StopAtEnd stops the replica when the test ends, whose log then shows the
// replica's if it failed.
func (r *Replica) StopAtEnd(t testing.TB) {
	t.Cleanup(func() {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("replica %s:\n%s", r.Base, r.Output())
		}
	})
}
