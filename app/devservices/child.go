package devservices

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

const (
	// firstLeaseTimeout is how long the child waits for its first lease.
	firstLeaseTimeout = 15 * time.Second

	// minLinger is how long the child waits for another lease after the last one, at least.
	minLinger = 200 * time.Millisecond

	// startTimeout bounds the start of the services, including a download of PostgreSQL.
	startTimeout = 3 * time.Minute
)

// ErrHeld means that another child holds the data directory.
var ErrHeld = errors.New("another process holds the data directory")

type child struct {
	linger   time.Duration
	stop     chan struct{} // closed when the child is to end
	mu       sync.Mutex    // guards services and the fields below
	services *services
	leases   int
	stopping bool
	idle     *time.Timer // runs while there is no lease
}

// RunChild is the child process: it serves leases on dir until none is left for linger, or
// until ctx ends. It returns an error that wraps ErrHeld if another child serves dir.
func RunChild(ctx context.Context, dir string, linger time.Duration) error {
	if err := ownDataDir(dir); err != nil {
		return err
	}

	lock := flock.New(filepath.Join(dir, lockFile))
	if held, err := lock.TryLock(); err != nil || !held {
		return errors.Join(ErrHeld, err)
	}

	defer lock.Unlock()
	syscall.Umask(0o077) // whatever the services write is this user's alone

	if err := os.WriteFile(filepath.Join(dir, pidFile), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return err
	}

	listener, err := listenOwn(dir)
	if err != nil {
		return err
	}

	c := &child{services: newServices(dir), stop: make(chan struct{}), linger: max(linger, minLinger)}
	c.idle = time.AfterFunc(firstLeaseTimeout, c.stopIfIdle)

	address := filepath.Join(dir, addressFile)
	if err := writeJSON(address, listener.Addr().String()); err != nil {
		return err
	}

	go c.accept(listener)

	select {
	case <-c.stop:
	case <-ctx.Done():
	}

	err = errors.Join(os.Remove(address), listener.Close(), removeSocketDirectory(dir, listener))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
	c.services.close()
	return err
}

// accept serves connections until listener is closed.
func (c *child) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}

		go c.serve(conn)
	}
}

// serve holds a lease until its connection ends.
func (c *child) serve(conn net.Conn) {
	defer conn.Close()

	if !c.addLease() {
		return // the launcher finds the connection closed, and starts the next child
	}

	defer c.removeLease()

	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		var want []string
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			return
		}

		if err := json.NewEncoder(conn).Encode(c.respond(want)); err != nil {
			return
		}
	}
}

// respond starts the wanted services that do not run yet. A nil list announces the lease's
// end.
func (c *child) respond(want []string) response {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()

	r := response{Last: want == nil && c.leases == 1 && c.linger == minLinger}
	for _, name := range want {
		if c.stopping {
			return response{Error: "the services are stopping"}
		}

		service, err := c.services.start(ctx, name)
		if err != nil {
			return response{Error: err.Error()}
		}

		r.Services = append(r.Services, service)
	}

	return r
}

// addLease returns false if the child is stopping.
func (c *child) addLease() bool {
	c.mu.Lock()
	defer c.mu.Unlock()

	if c.stopping {
		return false
	}

	c.leases++
	c.idle.Stop()
	return true
}

func (c *child) removeLease() {
	c.mu.Lock()
	defer c.mu.Unlock()

	if c.leases--; c.leases == 0 {
		c.idle.Reset(c.linger)
	}
}

func (c *child) stopIfIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()

	if c.leases == 0 && !c.stopping {
		c.stopping = true
		close(c.stop)
	}
}
