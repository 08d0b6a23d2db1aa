package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/app/devservices"
)

// replica is a running process of the program.
type replica struct {
	t       testing.TB // nil: no test's
	base    string
	program string // normally the world's
	env     []string
	cmd     *exec.Cmd
	log     *os.File
	gone    chan struct{}
}

// newReplica is one on a free port that doesn't run yet.
func newReplica(program string, settings ...string) (*replica, error) {
	port, err := devservices.FreePort(0)
	if err != nil {
		return nil, err
	}
	r := &replica{program: program, base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	r.env = append(os.Environ(), fmt.Sprintf("PORT=%d", port), "DEV_SIGNIN=true", "LIMIT_SIGNINS=0", "LIMIT_MESSAGES=0", "LIMIT_CONVERSATION=0")
	r.env = append(r.env, settings...)
	return r, nil
}

// startReplica starts a certain one (see there) on a free port, with more settings, and waits until it answers.
func startReplica(t testing.TB, settings ...string) *replica {
	t.Helper()
	return startProgram(t, world.program, settings...)
}

func startProgram(t testing.TB, program string, settings ...string) *replica {
	t.Helper()
	if name, _, _ := strings.Cut(t.Name(), "/"); certain[name] == "" {
		t.Fatalf("%s starts a replica by itself: let its people go to a site, or say in site_test.go why they can't", name)
	}
	r, err := newReplica(program, settings...)
	if err != nil {
		t.Fatal(err)
	}
	r.belongsTo(t)
	r.start()
	return r
}

// belongsTo a test: it ends with it, and its log is told if the test fails.
func (r *replica) belongsTo(t testing.TB) {
	r.t = t
	t.Cleanup(func() {
		r.end(syscall.SIGTERM)
		if t.Failed() {
			t.Logf("replica %s:\n%s", r.base, r.said(0))
		}
	})
}

// settings are those that it was started with, for another one.
func (r *replica) settings() (list []string) {
	for _, s := range r.env[len(os.Environ()):] {
		if !strings.HasPrefix(s, "PORT=") {
			list = append(list, s)
		}
	}
	return list
}

func (r *replica) address() string { return strings.TrimPrefix(r.base, "http://") }

func (r *replica) port() string { return r.base[strings.LastIndex(r.base, ":")+1:] }

func (r *replica) start() {
	r.t.Helper()
	if err := r.launch(); err != nil {
		r.t.Fatal(err)
	}
}

// launch starts it and waits until it answers.
func (r *replica) launch() (err error) {
	if r.log, err = os.CreateTemp(world.dir, "replica-*.log"); err != nil {
		return err
	}
	r.cmd = exec.Command(r.program)
	r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = r.env, r.log, r.log
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.cmd.Start(); err != nil {
		return err
	}
	r.gone = make(chan struct{})
	go func(cmd *exec.Cmd, gone chan struct{}) { _ = cmd.Wait(); close(gone) }(r.cmd, r.gone)
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	if err := devservices.Await(ctx, r.gone, r.answers); err != nil {
		return fmt.Errorf("%s: %w\n%s", r.base, err, r.said(0))
	}
	return nil
}

func (r *replica) answers() error {
	res, err := http.Get(r.base + "/readyz")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

// said is its log, from a place on.
func (r *replica) said(from int) string {
	if r.log == nil {
		return ""
	}
	b, _ := os.ReadFile(r.log.Name())
	return string(b[min(from, len(b)):])
}

// end sends a signal and waits for the process to go.
func (r *replica) end(sig syscall.Signal) {
	if err := r.stop(sig); err != nil {
		r.t.Error(err)
	}
}

// stop is end without a test. A process that stays is made to tell what it waits for.
func (r *replica) stop(sig syscall.Signal) error {
	if r.gone == nil {
		return nil
	}
	select {
	case <-r.gone:
		return nil
	default:
	}
	_ = r.cmd.Process.Signal(sig)
	select {
	case <-r.gone:
		return nil
	case <-time.After(60 * time.Second):
		_ = r.cmd.Process.Signal(syscall.SIGQUIT)
		<-r.gone
		return fmt.Errorf("%s did not end on %v:\n%s", r.base, sig, r.said(0))
	}
}
