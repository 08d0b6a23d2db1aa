package devservices

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a server that this process started on a directory of data.
type Postgres struct {
	URL  string // superuser "parley", database "postgres"
	Dir  string
	proc *process
}

// PostgresOptions: Durable keeps fsync on.
type PostgresOptions struct {
	Port    int
	Durable bool
	Log     string // a file
	Primary string // URL of a server to follow: a standby, made from its base backup
}

// StartPostgres starts a server on dir, making the database cluster when there is none and stopping an orphan that still holds it.
// It uses installed binaries of version 15 or newer, or else downloads some once. As root the server runs as another user, who must be
// able to reach dir.
func StartPostgres(ctx context.Context, dir string, o PostgresOptions) (*Postgres, error) {
	bin, err := findPostgres(dir)
	if err != nil {
		return nil, err
	}
	who, err := otherUser()
	if err != nil {
		return nil, err
	}
	if err := stopOrphan(dir); err != nil {
		return nil, err
	}
	if o.Primary != "" {
		err = followPrimary(ctx, bin, dir, o.Primary, who)
	} else {
		err = initCluster(ctx, bin, dir, who)
	}
	if err != nil {
		return nil, err
	}
	password, err := os.ReadFile(filepath.Join(dir, passwordFile))
	if err != nil {
		return nil, err
	}
	args := []string{"-D", filepath.Join(dir, "cluster"), "-p", strconv.Itoa(o.Port), "-h", "127.0.0.1", "-k", "", "-N", "300",
		"-c", "shared_buffers=64MB", "-c", "log_min_messages=warning"}
	if !o.Durable {
		args = append(args, "-F")
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = childAttributes(who, syscall.SIGQUIT)
	p := &Postgres{Dir: dir, URL: fmt.Sprintf("postgres://parley:%s@127.0.0.1:%d/postgres?sslmode=disable", strings.TrimSpace(string(password)), o.Port)}
	if p.proc, err = start(cmd, o.Log); err != nil {
		return nil, err
	}
	if err := p.await(ctx); err != nil {
		p.proc.kill()
		return nil, fmt.Errorf("postgres: %w (its log: %s)", err, o.Log)
	}
	return p, nil
}

// Stop ends it with a checkpoint.
func (p *Postgres) Stop() { p.proc.stop(syscall.SIGINT, 4*time.Second) }

// Process is the server's, for tests that hurt it.
func (p *Postgres) Process() *os.Process { return p.proc.cmd.Process }

// Done is closed when the server has ended.
func (p *Postgres) Done() <-chan struct{} { return p.proc.done }

func (p *Postgres) await(ctx context.Context) error {
	return Await(ctx, p.proc.done, func() error {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		conn, err := pgx.Connect(ctx, p.URL)
		if err == nil {
			err = conn.Close(ctx)
		}
		return err
	})
}

const passwordFile = "password"

// initCluster makes dir/cluster, all of it or nothing: a cluster whose making was interrupted is thrown away.
func initCluster(ctx context.Context, bin, dir string, who *syscall.Credential) error {
	final, partial := filepath.Join(dir, "cluster"), filepath.Join(dir, "cluster.partial")
	if _, err := os.Stat(final); err == nil {
		return nil
	}
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	secret := filepath.Join(dir, passwordFile)
	if err := os.WriteFile(secret, []byte(rand.Text()+"\n"), 0o600); err != nil {
		return err
	}
	if who != nil {
		if err := errors.Join(os.Chown(dir, int(who.Uid), int(who.Gid)), os.Chown(secret, int(who.Uid), int(who.Gid))); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", partial, "-U", "parley", "--pwfile", secret,
		"-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-instructions")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return os.Rename(partial, final)
}

// stopOrphan ends a server that was left on dir by a killed parent.
func stopOrphan(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "cluster", "postmaster.pid"))
	if err != nil {
		return nil // none ran, or it ended well
	}
	pid, err := strconv.Atoi(strings.SplitN(string(b), "\n", 2)[0])
	if err != nil || !isPostgres(pid) {
		return nil // a stale file, which Postgres itself sees through
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := syscall.Kill(pid, sig); err != nil {
			return nil
		}
		deadline := time.Now().Add(5 * time.Second)
		for time.Now().Before(deadline) {
			if syscall.Kill(pid, 0) != nil {
				return nil
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return fmt.Errorf("a PostgreSQL (process %d) still holds %s and doesn't end", pid, dir)
}

func isPostgres(pid int) bool {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres")
}

// FreePort finds a port above 32768 that nobody listens on; preferred is tried first.
func FreePort(preferred int) (int, error) {
	if preferred > 0 {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", preferred)); err == nil {
			return preferred, l.Close()
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
