package demosite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"parley/app/devservices"
)

// Installation is a replica on embedded services of its own, populated.
type Installation struct {
	*Visit
	dir    string
	cmd    *exec.Cmd
	ended  chan struct{}
	output bytes.Buffer
}

// Start builds the program, fills a new installation and starts a replica on it. Stop ends it and removes it.
func Start(ctx context.Context) (*Installation, error) {
	dir, err := os.MkdirTemp("", "parley-stage-")
	if err != nil {
		return nil, err
	}
	i := &Installation{dir: dir}
	if err := i.start(ctx); err != nil {
		return nil, errors.Join(err, i.Stop())
	}
	return i, nil
}

func (i *Installation) start(ctx context.Context) error {
	if err := os.Chmod(i.dir, 0o755); err != nil { // as root, Postgres runs as another user
		return err
	}
	program := filepath.Join(i.dir, "parley")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "parley/app").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, out)
	}
	port, err := devservices.FreePort(0)
	if err != nil {
		return err
	}
	opsPort, err := devservices.FreePort(0)
	if err != nil {
		return err
	}
	at := Place{
		Base: fmt.Sprintf("http://127.0.0.1:%d", port), Ops: fmt.Sprintf("http://127.0.0.1:%d", opsPort),
		DataDir: filepath.Join(i.dir, "data"), Program: program,
	}
	env := append(os.Environ(), "DATA_DIR="+at.DataDir, fmt.Sprintf("PORT=%d", port), fmt.Sprintf("OPS_ADDR=127.0.0.1:%d", opsPort), "DEV_SIGNIN=true", "LIMIT_SIGNINS=0", "LIMIT_MESSAGES=0")
	if err := Seed(ctx, program, env); err != nil {
		return err
	}
	i.cmd, i.ended = exec.CommandContext(ctx, program), make(chan struct{})
	i.cmd.Env, i.cmd.Stdout, i.cmd.Stderr = env, &i.output, &i.output
	i.cmd.Cancel = func() error { return i.cmd.Process.Signal(syscall.SIGTERM) }
	if err := i.cmd.Start(); err != nil {
		return err
	}
	go func() { _ = i.cmd.Wait(); close(i.ended) }()
	if err := i.await(ctx, at.Base+"/readyz"); err != nil {
		return err
	}
	i.Visit, err = NewVisit(ctx, at)
	return err
}

func (i *Installation) await(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute) // the first start downloads Postgres
	defer cancel()
	for {
		if res, err := http.Get(address); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-i.ended:
			return fmt.Errorf("the replica ended:\n%s", i.output.String())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the replica, and with it its services.
func (i *Installation) Stop() error {
	if i.cmd != nil && i.cmd.Process != nil {
		_ = i.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		<-i.ended
	}
	return os.RemoveAll(i.dir)
}

// Seed fills an installation by the program's own command.
func Seed(ctx context.Context, program string, env []string) error {
	cmd := exec.CommandContext(ctx, program, "seed")
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("parley seed: %w: %s", err, out)
	}
	return nil
}
