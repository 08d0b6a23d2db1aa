package devservices

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// stopTimeout is how long the server may need for its last checkpoint.
	stopTimeout = 4 * time.Second

	connectTimeout = time.Second
)

// Postgres is a server that this process has started.
type Postgres struct {
	URL  string // superuser "parley", database "postgres"
	Dir  string // of its data
	proc *process
}

// PostgresOptions are the settings of a server.
type PostgresOptions struct {
	Port    int
	Durable bool   // fsync is on
	Log     string // file of the server's output
	Primary string // URL of a primary; the server is its standby, created from a base backup
}

// StartPostgres starts a server on dir. It creates the database cluster if there is none, and
// stops a server that a killed parent left on dir. It uses installed binaries of version 15 or
// newer, or else downloads some once. For root the server runs as another user, who must be
// able to reach dir.
func StartPostgres(ctx context.Context, dir string, o PostgresOptions) (*Postgres, error) {
	owner, err := serverUser()
	if err != nil {
		return nil, err
	}

	if err := ownDirectory(dir, 0o700, uidOf(owner)); err != nil {
		return nil, err
	}

	bin, err := findPostgres(dir)
	if err != nil {
		return nil, err
	}

	if err := stopOrphan(dir, owner); err != nil {
		return nil, err
	}

	if o.Primary != "" {
		err = createStandby(ctx, bin, dir, o.Primary, owner)
	} else {
		err = createCluster(ctx, bin, dir, owner)
	}

	if err != nil {
		return nil, err
	}

	password, err := readPassword(dir)
	if err != nil {
		return nil, err
	}

	p := &Postgres{
		Dir: dir,
		URL: fmt.Sprintf("postgres://parley:%s@127.0.0.1:%d/postgres?sslmode=disable",
			password, o.Port),
	}
	if p.proc, err = start(serverCommand(bin, dir, o, owner), o.Log); err != nil {
		return nil, err
	}

	if err := p.awaitReady(ctx); err != nil {
		p.proc.kill()
		return nil, fmt.Errorf("postgres: %w (its log: %s)", err, o.Log)
	}

	return p, nil
}

func serverCommand(bin, dir string, o PostgresOptions, owner *syscall.Credential) *exec.Cmd {
	args := []string{
		"-D", filepath.Join(dir, "cluster"),
		"-p", strconv.Itoa(o.Port),
		"-h", "127.0.0.1",
		"-k", "",
		"-N", "300",
		"-c", "shared_buffers=64MB",
		"-c", "log_min_messages=warning",
	}
	if !o.Durable {
		args = append(args, "-F")
	}

	cmd := exec.Command(filepath.Join(bin, "postgres"), args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = childAttributes(owner, syscall.SIGQUIT)
	return cmd
}

// Stop ends the server with a checkpoint.
func (p *Postgres) Stop() { p.proc.stop(syscall.SIGINT, stopTimeout) }

// Process is the server's process, for tests that send it signals.
func (p *Postgres) Process() *os.Process { return p.proc.cmd.Process }

// Done is closed when the server has ended.
func (p *Postgres) Done() <-chan struct{} { return p.proc.done }

func (p *Postgres) awaitReady(ctx context.Context) error {
	return Await(ctx, p.proc.done, func() error {
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()

		conn, err := pgx.Connect(ctx, p.URL)
		if err == nil {
			err = conn.Close(ctx)
		}

		return err
	})
}
