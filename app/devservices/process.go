package devservices

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const awaitInterval = 30 * time.Millisecond

// process is a started command.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// start runs cmd with its output in a file. One locked thread starts the command and waits for
// its end, because the kernel sends Pdeathsig when the thread that forked ends, not when the
// process does.
func start(cmd *exec.Cmd, log string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}

	cmd.Stdout, cmd.Stderr = out, out

	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer close(p.done)
		defer out.Close()
		err := cmd.Start()
		started <- err

		if err == nil {
			_ = cmd.Wait() // the log has the reason of a failure
		}
	}()
	return p, <-started
}

// Process is a running command. Tests start other servers with it.
type Process struct{ p *process }

// StartProcess starts cmd with its output in the file log. On Linux it is killed when this
// process ends.
func StartProcess(cmd *exec.Cmd, log string) (Process, error) {
	cmd.SysProcAttr = childAttributes(nil, syscall.SIGKILL)
	p, err := start(cmd, log)
	return Process{p}, err
}

// Done is closed when the process has ended.
func (p Process) Done() <-chan struct{} { return p.p.done }

// Process is the operating system's process, for signals.
func (p Process) Process() *os.Process { return p.p.cmd.Process }

// Kill kills the process and waits for its end.
func (p Process) Kill() { p.p.kill() }

// stop sends sig, waits for the end, and kills the process after timeout.
func (p *process) stop(sig os.Signal, timeout time.Duration) {
	_ = p.cmd.Process.Signal(sig) // fails if the process has ended
	select {
	case <-p.done:
	case <-time.After(timeout):
		p.kill()
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Await repeats check until it succeeds. It returns an error when the process or ctx ends
// first.
func Await(ctx context.Context, ended <-chan struct{}, check func() error) error {
	for {
		err := check()
		if err == nil {
			return nil
		}

		select {
		case <-ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("not ready in time: %w", err)
		case <-time.After(awaitInterval):
		}
	}
}
