// Package program runs the built program as processes: replicas that can be
// stopped, killed, paused and started again at the same address. The drill uses
// it, and test/parley for the tests.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"parley/app/devservices"
)

// stopTimeout is the time that a process has to end after SIGTERM. A drain takes
// up to 30 seconds.
const stopTimeout = time.Minute

// Process is a replica in a process of its own, at one address for its whole
// life. On Linux it dies with the process that started it. It is not safe for
// concurrent use.
type Process struct {
	// Base is the address of the replica, such as http://127.0.0.1:8000.
	Base string
	// Env is the environment of the next start, as NAME=value; later entries win.
	Env []string
	// Wrapper is a command that runs the program, such as taskset; nil for none.
	Wrapper []string
	// Log is the file to which its output is appended.
	Log string

	path    string
	process *devservices.Process // nil before the first start
}

// New reserves an address for a replica of the program at path, with settings
// beside an environment; people sign in by the development sign-in. The replica
// does not run before Start.
func New(path, log string, environment []string, settings ...string) (*Process, error) {
	port, err := devservices.FreePort(0)
	if err != nil {
		return nil, err
	}

	own := []string{fmt.Sprintf("PORT=%d", port), "DEV_SIGNIN=true"}
	return &Process{
		Base: fmt.Sprintf("http://127.0.0.1:%d", port),
		Env:  slices.Concat(environment, own, settings),
		Log:  log,
		path: path,
	}, nil
}

// Start starts the replica, again after Stop or Kill, and returns when it is
// ready to serve.
func (p *Process) Start(ctx context.Context) error {
	command := append(p.Wrapper[:len(p.Wrapper):len(p.Wrapper)], p.path)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = p.Env

	process, err := devservices.StartProcess(cmd, p.Log)
	if err != nil {
		return err
	}

	p.process = &process
	if err := devservices.Await(ctx, process.Done(), p.ready); err != nil {
		return fmt.Errorf("replica %s: %w (its log: %s)", p.Base, err, p.Log)
	}

	return nil
}

func (p *Process) ready() error {
	res, err := http.Get(p.Base + "/readyz")
	if err != nil {
		return err
	}
	defer res.Body.Close()

	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		return errors.Join(errors.New(res.Status), err)
	}

	return nil
}

// Address is Base as host:port.
func (p *Process) Address() string { return strings.TrimPrefix(p.Base, "http://") }

// PID is the id of the running process.
func (p *Process) PID() int { return p.process.Process().Pid }

// Output returns all that the process has logged, in all its starts.
func (p *Process) Output() string {
	b, _ := os.ReadFile(p.Log) // none: it never ran
	return string(b)
}

// Kill ends the process with SIGKILL, if it runs.
func (p *Process) Kill() {
	if p.process != nil {
		p.process.Kill()
	}
}

// Stop ends the process with SIGTERM. It is StopWith in all else.
func (p *Process) Stop() error { return p.StopWith(syscall.SIGTERM) }

// StopWith ends the process with a signal, if it runs, and waits until it has
// ended. One that does not end in time is an error; SIGQUIT makes it log its
// goroutines.
func (p *Process) StopWith(s os.Signal) error {
	if p.process == nil {
		return nil
	}

	_ = errors.Join(p.Resume(), p.signal(s)) // it may have ended by itself
	select {
	case <-p.process.Done():
		return nil
	case <-time.After(stopTimeout):
		_ = p.signal(syscall.SIGQUIT)
		<-p.process.Done()
		return fmt.Errorf("replica %s did not end within %s of %v (its log: %s)", p.Base, stopTimeout, s, p.Log)
	}
}

// Pause stops the process without ending it; Resume continues it.
func (p *Process) Pause() error { return p.signal(syscall.SIGSTOP) }

// Resume continues a paused process.
func (p *Process) Resume() error { return p.signal(syscall.SIGCONT) }

func (p *Process) signal(s os.Signal) error { return p.process.Process().Signal(s) }
