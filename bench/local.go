package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"parley/app/devservices"
	"parley/test/services"
)

// local is a replica on services of its own, or the target.
type local struct {
	base    string
	at      atomic.Value // base, for those who ask while it is restarted
	dir     string
	program string
	set     *services.Set // nil with a target
	cmd     *exec.Cmd
	env     []string // more settings of the replica
	on      string   // the processor that the replica has; "": any

	operators string // host:port of their listener
}

func newLocal(ctx context.Context, target string) (*local, error) {
	if target != "" {
		return &local{base: target}, nil
	}
	if err := services.CheckPrograms(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return nil, err
	}
	l := &local{dir: dir, program: filepath.Join(dir, "parley")}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", l.program, "parley/app").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w: %s", err, out)
	}
	if l.set, err = services.Start(ctx, dir); err != nil {
		return nil, err
	}
	return l, l.start()
}

// start runs the replica, again after stop.
func (l *local) start() error {
	port, err := devservices.FreePort(0)
	if err != nil {
		return err
	}
	operators, err := devservices.FreePort(0)
	if err != nil {
		return err
	}
	l.base, l.operators = fmt.Sprintf("http://127.0.0.1:%d", port), fmt.Sprintf("127.0.0.1:%d", operators)
	l.at.Store(l.base)
	log, err := os.OpenFile(filepath.Join(l.dir, "replica.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	l.cmd = exec.Command(l.program)
	if l.on != "" {
		l.cmd = exec.Command("taskset", "-c", l.on, l.program)
	}
	l.cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port), "OPS_ADDR="+l.operators, "DEV_SIGNIN=true", "LIMIT_SIGNINS=0", "LIMIT_MESSAGES=0", "LIMIT_CONVERSATION=0",
		"LIMIT_REQUESTS_PER_DAY=0", "LIMIT_STREAMS_PER_USER=0", "LIMIT_STREAMS_PER_ADDRESS=0", "LOG_LEVEL=warn",
		"DATABASE_URL="+l.set.Postgres.URL, "REDIS_URL="+l.set.Redis.URL, "KAFKA_BROKERS="+l.set.Kafka.URL)
	l.cmd.Env = append(l.cmd.Env, l.env...)
	l.cmd.Stdout, l.cmd.Stderr = log, log
	if err := l.cmd.Start(); err != nil {
		return err
	}
	for range 600 {
		if res, err := http.Get(l.base + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the replica doesn't answer")
}

// address is the base of the last start.
func (l *local) address() string { return l.at.Load().(string) }

func (l *local) stop() {
	if l.cmd != nil {
		_ = l.cmd.Process.Signal(syscall.SIGTERM)
		_ = l.cmd.Wait()
		l.cmd = nil
	}
}

func (l *local) close() {
	l.stop()
	if l.set != nil {
		l.set.Stop()
		os.RemoveAll(l.dir)
	}
}
