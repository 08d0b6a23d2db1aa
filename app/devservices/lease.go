package devservices

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// Lease keeps the services running. It is a connection to the child; when that breaks because the child died, another child is
// started in its place, on the same data and, if they are free, the same ports.
type Lease struct {
	Parts []Part // in the order in which they were wanted

	dir, self string
	want      []string
	mu        sync.Mutex
	conn      net.Conn
	closed    bool
	ended     chan struct{}
	last      bool // set before ended is closed
}

// Acquire finds the child that serves dir, or starts one (the program self, with the argument "services"), and waits until the wanted
// parts ("postgres", "redis", "kafka") are ready.
func Acquire(ctx context.Context, dir string, want []string, self string) (*Lease, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	l := &Lease{dir: dir, self: self, want: want, ended: make(chan struct{})}
	reader, err := l.connect(ctx)
	if err != nil {
		return nil, err
	}
	go l.keep(reader) // #nosec G118 -- the lease outlives the context that it was acquired in
	return l, nil
}

// URL is where a part answers.
func (l *Lease) URL(name string) string {
	for _, p := range l.Parts {
		if p.Name == name {
			return p.URL
		}
	}
	return ""
}

// Close gives the lease back and, if it was the last, waits up to four seconds for the services' end.
func (l *Lease) Close() {
	l.mu.Lock()
	l.closed = true
	l.conn.SetDeadline(time.Now().Add(time.Second))
	_, _ = l.conn.Write([]byte(leaving)) // its answer, or the connection's end, ends keep
	l.mu.Unlock()
	<-l.ended
	for deadline := time.Now().Add(4 * time.Second); l.last && !l.free() && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
}

// leaving asks the child whether this lease is the last.
const leaving = "null\n"

// keep starts the services again when the child died.
func (l *Lease) keep(reader *bufio.Reader) {
	defer close(l.ended)
	for {
		line, _ := reader.ReadBytes('\n') // only Close makes the child say more: else this returns when the connection ends
		l.mu.Lock()
		l.conn.Close()
		closed := l.closed
		l.mu.Unlock()
		if closed {
			var a answer
			l.last = json.Unmarshal(line, &a) == nil && a.Last
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		next, err := l.connect(ctx)
		cancel()
		if err == nil {
			reader = next
		} // else the old reader's end is remembered, and this tries again
	}
}

// connect dials the child, starting one if the lock on the directory is free, until the wanted parts are ready.
func (l *Lease) connect(ctx context.Context) (*bufio.Reader, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		reader, err := l.ask(ctx)
		if err == nil || errors.As(err, new(*refusal)) {
			return reader, err
		}
		if l.free() {
			if err := l.spawn(); err != nil {
				return nil, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("embedded services did not start: %w (see %s)", err, filepath.Join(l.dir, "services.log"))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// refusal is the child's own word that a part can't be started.
type refusal struct{ message string }

func (r *refusal) Error() string { return r.message }

func (l *Lease) ask(ctx context.Context) (*bufio.Reader, error) {
	address := l.address()
	if address == "" {
		return nil, errors.New("no address yet")
	}
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	reader := bufio.NewReader(conn)
	var a answer
	if err := json.NewEncoder(conn).Encode(l.want); err == nil {
		var line []byte
		if line, err = reader.ReadBytes('\n'); err == nil {
			err = json.Unmarshal(line, &a)
		}
		if err != nil {
			conn.Close()
			return nil, err
		}
	}
	if a.Error != "" {
		conn.Close()
		return nil, &refusal{a.Error}
	}
	conn.SetDeadline(time.Time{})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		conn.Close()
	}
	l.conn, l.Parts = conn, a.Parts
	return reader, nil
}

func (l *Lease) address() string {
	var address string
	readJSON(filepath.Join(l.dir, "services.json"), &address)
	return address
}

// free tells whether no child holds the directory.
func (l *Lease) free() bool {
	lock := flock.New(filepath.Join(l.dir, "lock"))
	held, err := lock.TryLock()
	if held {
		err = lock.Unlock()
	}
	return held && err == nil
}

// spawn starts a child in a session of its own: the terminal's Ctrl-C is for the replicas, which end it by leaving.
func (l *Lease) spawn() error {
	log, err := os.OpenFile(filepath.Join(l.dir, "services.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(l.self, "services")
	cmd.Env = append(os.Environ(), "DATA_DIR="+l.dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() // reaps it; when and how it ends, its leases tell
	return nil
}

// Report prints a line for each part: of an embedded one where it answers and keeps its data, never its password.
func Report(w io.Writer, parts []Part) {
	for _, p := range parts {
		if p.Embedded {
			fmt.Fprintf(w, "  %-9s %-18s %-9s %-15s  ready in %-7s %s\n", p.Name, p.What, "embedded", p.address(), p.ReadyIn.Round(time.Millisecond), p.Where)
		} else {
			fmt.Fprintf(w, "  %-9s %-18s %-9s %s\n", p.Name, p.What, "yours", p.Where)
		}
	}
}

// address is host:port of its URL; Kafka's is that already.
func (p Part) address() string {
	if u, err := url.Parse(p.URL); err == nil && u.Host != "" {
		return u.Host
	}
	return p.URL
}
