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

// process is a started command that is being waited for.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// start runs cmd with its output in a file. One locked thread starts and awaits it: the kernel sends Pdeathsig when the thread that
// forked ends, not the process.
func start(cmd *exec.Cmd, log string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
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
			_ = cmd.Wait() // how it ended is in its log
		}
	}()
	return p, <-started
}

// Process is a command under way; tests start other servers with it.
type Process struct{ p *process }

// StartProcess starts cmd with its output in the file log; on Linux it dies with us.
func StartProcess(cmd *exec.Cmd, log string) (Process, error) {
	cmd.SysProcAttr = childAttributes(nil, syscall.SIGKILL)
	p, err := start(cmd, log)
	return Process{p}, err
}

// Done is closed when it has ended.
func (p Process) Done() <-chan struct{} { return p.p.done }

// Process is for signals.
func (p Process) Process() *os.Process { return p.p.cmd.Process }

// Kill ends it.
func (p Process) Kill() { p.p.kill() }

// stop asks, waits, then kills.
func (p *process) stop(sig os.Signal, patience time.Duration) {
	_ = p.cmd.Process.Signal(sig) // it may have ended by itself
	select {
	case <-p.done:
	case <-time.After(patience):
		p.kill()
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Await tries until it succeeds, the process ends or ctx does.
func Await(ctx context.Context, ended <-chan struct{}, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("not ready in time: %w", err)
		case <-time.After(30 * time.Millisecond):
		}
	}
}
