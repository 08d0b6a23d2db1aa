package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"parley/app/devservices"
)

// Replica is a process of the program, at one address for its whole life.
type Replica struct {
	Base    string
	program string
	env     []string
	log     string
	process *devservices.Process // nil before the first start
}

func newReplica(program, log string, settings ...string) (*Replica, error) {
	port, err1 := devservices.FreePort(0)
	ops, err2 := devservices.FreePort(0)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	r := &Replica{Base: fmt.Sprintf("http://127.0.0.1:%d", port), program: program, log: log}
	r.env = append(os.Environ(), fmt.Sprintf("PORT=%d", port), fmt.Sprintf("OPS_ADDR=127.0.0.1:%d", ops), "DEV_SIGNIN=true")
	for _, limit := range []string{"MESSAGES", "CONVERSATION", "SIGNINS", "SEARCHES", "REQUESTS_PER_DAY", "STREAMS_PER_USER", "STREAMS_PER_ADDRESS"} {
		r.env = append(r.env, "LIMIT_"+limit+"=0")
	}
	r.env = append(r.env, settings...)
	return r, nil
}

// Start starts it, the first time or again, and waits until it answers.
func (r *Replica) Start(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.Command(r.program)
	cmd.Env = r.env
	process, err := devservices.StartProcess(cmd, r.log)
	if err != nil {
		return err
	}
	r.process = &process
	err = devservices.Await(ctx, r.process.Done(), func() error {
		res, err := http.Get(r.Base + "/readyz")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			return errors.Join(errors.New(res.Status), err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("replica %s: %w (its log: %s)", r.Base, err, r.log)
	}
	return nil
}

// Kill ends it at once, End in its own way.
func (r *Replica) Kill() { r.process.Kill() }

// End asks it to leave, and waits until it has.
func (r *Replica) End() {
	if r.process == nil {
		return
	}
	_ = errors.Join(r.Resume(), r.process.Process().Signal(syscall.SIGTERM)) // it may have ended
	select {
	case <-r.process.Done():
	case <-time.After(20 * time.Second):
		r.Kill()
	}
}

// Pause lets it hang; Resume goes on.
func (r *Replica) Pause() error  { return r.process.Process().Signal(syscall.SIGSTOP) }
func (r *Replica) Resume() error { return r.process.Process().Signal(syscall.SIGCONT) }
