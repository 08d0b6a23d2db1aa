package demosite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"parley/test/parley"
)

// Installation is a populated replica on embedded services of its own.
type Installation struct {
	*Visit
	dir     string
	replica *parley.Replica // nil before it was built
}

// startTimeout bounds the first start, which downloads PostgreSQL.
const startTimeout = 3 * time.Minute

// Start builds the program, populates a new installation, and starts a replica on it. Stop removes
// the installation.
func Start(ctx context.Context) (*Installation, error) {
	dir, err := os.MkdirTemp("", "parley-demosite-")
	if err != nil {
		return nil, err
	}
	i := &Installation{dir: dir}
	if err := i.start(ctx); err != nil {
		return nil, errors.Join(err, i.Stop())
	}
	return i, nil
}

func (i *Installation) start(ctx context.Context) (err error) {
	if err := os.Chmod(i.dir, 0o755); err != nil { // for root, PostgreSQL runs as another user
		return err
	}

	program, data := filepath.Join(i.dir, "parley"), filepath.Join(i.dir, "data")
	if err := parley.Build(ctx, program); err != nil {
		return err
	}
	if i.replica, err = parley.New(program, filepath.Join(i.dir, "replica.log"), "DATA_DIR="+data); err != nil {
		return err
	}
	if err := Seed(ctx, program, i.replica.Env); err != nil {
		return err
	}

	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := i.replica.Start(starting); err != nil {
		return fmt.Errorf("%w\n%s", err, i.replica.Output())
	}

	i.Visit, err = NewVisit(ctx, i.replica, program, data)
	return err
}

// Stop stops the replica with its services, and removes the files of the installation.
func (i *Installation) Stop() (err error) {
	if i.replica != nil {
		err = i.replica.Stop()
	}
	return errors.Join(err, os.RemoveAll(i.dir))
}

// Seed populates an installation, which env names, with the command "parley seed".
func Seed(ctx context.Context, program string, env []string) error {
	cmd := exec.CommandContext(ctx, program, "seed", "--into-this-database")
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("parley seed: %w: %s", err, out)
	}
	return nil
}
