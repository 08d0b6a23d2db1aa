package devservices

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// How long the child waits for a lease, at first and, at least, after the last one went.
const (
	firstLease = 15 * time.Second
	lastLease  = 200 * time.Millisecond
)

// startTimeout bounds the start of the parts, a download of Postgres included.
const startTimeout = 3 * time.Minute

// ErrHeld says that another child holds the data directory.
var ErrHeld = errors.New("another process holds the data directory")

type child struct {
	mu       sync.Mutex // guards parts and the fields below
	parts    *parts
	leases   int
	stopping bool
	idle     *time.Timer
	linger   time.Duration
	stop     chan struct{}
}

// RunChild is the child process: it serves leases on dir until none is left for a while of linger, or until ctx ends.
func RunChild(ctx context.Context, dir string, linger time.Duration) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	if held, err := lock.TryLock(); err != nil || !held {
		return errors.Join(ErrHeld, err)
	}
	defer lock.Unlock()
	if err := os.WriteFile(filepath.Join(dir, "services.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c := &child{parts: newParts(dir), stop: make(chan struct{}), linger: max(linger, lastLease)}
	c.idle = time.AfterFunc(firstLease, c.endIfIdle)
	address := filepath.Join(dir, "services.json")
	if err := writeJSON(address, l.Addr().String()); err != nil {
		return err
	}
	go c.accept(l)
	select {
	case <-c.stop:
	case <-ctx.Done():
	}
	err = errors.Join(os.Remove(address), l.Close())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
	c.parts.close()
	return err
}

func (c *child) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // closed
		}
		go c.serve(conn)
	}
}

// serve holds one lease: a line of wanted parts is answered with a line of parts; the connection's end is the lease's.
func (c *child) serve(conn net.Conn) {
	defer conn.Close()
	if !c.take() {
		return // too late: the client finds the connection closed, and starts the next child
	}
	defer c.release()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		var want []string
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			return
		}
		if err := json.NewEncoder(conn).Encode(c.answer(want)); err != nil {
			return
		}
	}
}

type answer struct {
	Parts []Part `json:"parts"`
	Error string `json:"error"`
	Last  bool   `json:"last"` // asked by leaving: the end is near
}

func (c *child) answer(want []string) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	a := answer{Last: want == nil && c.leases == 1 && c.linger == lastLease}
	for _, name := range want {
		if c.stopping {
			return answer{Error: "the services are stopping"}
		}
		part, err := c.parts.want(ctx, name)
		if err != nil {
			return answer{Error: err.Error()}
		}
		a.Parts = append(a.Parts, part)
	}
	return a
}

func (c *child) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return false
	}
	c.leases++
	c.idle.Stop()
	return true
}

func (c *child) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leases--; c.leases == 0 {
		c.idle.Reset(c.linger)
	}
}

func (c *child) endIfIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leases == 0 && !c.stopping {
		c.stopping = true
		close(c.stop)
	}
}

// writeJSON replaces a file as a whole.
func writeJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	partial := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(partial, b, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// readJSON leaves v alone when the file isn't there or is no use.
func readJSON(path string, v any) bool {
	b, err := os.ReadFile(path)
	return err == nil && json.Unmarshal(b, v) == nil
}
