package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"parley/test/parley"
	"parley/test/services"
)

// installation is one replica on services of its own, or the target.
type installation struct {
	base    string
	dir     string
	program string
	replica *parley.Replica // nil with a target
	set     *services.Set   // nil with a target
}

// errTarget is the error of a benchmark that needs more than HTTP.
var errTarget = errors.New("needs processes of its own: run it without -target")

func install(ctx context.Context, target string) (*installation, error) {
	if target != "" {
		return &installation{base: target}, nil
	}
	if err := services.CheckPrograms(); err != nil {
		return nil, err
	}

	dir, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return nil, err
	}

	in := &installation{dir: dir, program: filepath.Join(dir, "parley")}
	if err := os.Chmod(dir, 0o755); err != nil { // as root, PostgreSQL runs as another user
		return nil, err
	}
	if err := parley.Build(ctx, in.program); err != nil {
		return nil, err
	}

	if in.set, err = services.Start(ctx, dir); err != nil {
		return nil, err
	}
	if in.replica, err = in.newReplica("replica.log"); err != nil {
		return nil, err
	}
	in.base = in.replica.Base
	return in, in.replica.Start(ctx)
}

// newReplica returns a replica on the services that does not run yet.
func (in *installation) newReplica(log string) (*parley.Replica, error) {
	return parley.New(in.program, filepath.Join(in.dir, log),
		"DATABASE_URL="+in.set.Postgres.URL,
		"REDIS_URL="+in.set.Redis.URL,
		"KAFKA_BROKERS="+in.set.Kafka.URL,
		"LOG_LEVEL=warn",
	)
}

// restart restarts the replica with more settings.
func (in *installation) restart(ctx context.Context, settings ...string) error {
	if err := in.replica.Stop(); err != nil {
		return err
	}
	in.replica.Env = append(in.replica.Env, settings...)
	return in.replica.Start(ctx)
}

// remove ends everything.
func (in *installation) remove() {
	if in.set == nil {
		return
	}
	if err := in.replica.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	in.set.Stop()
	os.RemoveAll(in.dir)
}
