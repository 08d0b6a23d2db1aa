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
	"sync"
	"time"

	"parley/app/loop"
)

const (
	dialTimeout       = time.Second
	connectRetryDelay = 50 * time.Millisecond

	// closeTimeout is how long Close waits for the child's end after the last lease.
	closeTimeout       = 4 * time.Second
	closeCheckInterval = 20 * time.Millisecond
)

// Lease keeps the services running. It is a connection to the child. If the child dies, the
// lease starts another one on the same data and, if they are free, the same ports.
type Lease struct {
	Services []Service // in the order in which they were wanted

	dir, self string
	want      []string
	mu        sync.Mutex // guards Services, conn and closed
	conn      net.Conn
	closed    bool
	ended     chan struct{} // closed when keep has ended
	last      bool          // no other lease is left; set before ended is closed
}

// Acquire connects to the child that serves dir, or starts one, and waits until the wanted
// services ("postgres", "redis", "kafka") are ready. The child is the program self with the
// argument "services".
func Acquire(ctx context.Context, dir string, want []string, self string) (*Lease, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}

	if err := ownDataDir(dir); err != nil {
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

// URL returns the URL of a service, or "" if it was not wanted.
func (l *Lease) URL(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()

	for _, s := range l.Services {
		if s.Name == name {
			return s.URL
		}
	}

	return ""
}

// Close ends the lease. If it was the last, Close waits up to closeTimeout for the child's
// end.
func (l *Lease) Close() {
	l.mu.Lock()
	l.closed = true
	l.conn.SetDeadline(time.Now().Add(time.Second))
	_, _ = l.conn.Write([]byte(closingRequest)) // keep ends with the response, or with the connection
	l.mu.Unlock()
	<-l.ended

	for deadline := time.Now().Add(closeTimeout); l.last && !lockIsFree(l.dir) && time.Now().Before(deadline); {
		time.Sleep(closeCheckInterval)
	}
}

// keep connects again when the child dies, until Close.
func (l *Lease) keep(reader *bufio.Reader) {
	defer close(l.ended)

	for {
		// The child sends nothing before closingRequest, so this returns when the connection
		// ends.
		line, _ := reader.ReadBytes('\n')
		l.mu.Lock()
		l.conn.Close()
		closed := l.closed
		l.mu.Unlock()

		if closed {
			var r response
			l.last = json.Unmarshal(line, &r) == nil && r.Last
			return
		}

		// After a failure reader still returns the error of the old connection, so this is
		// repeated.
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		if next, err := l.connect(ctx); err == nil {
			reader = next
		}

		cancel()
	}
}

// connect connects to the child until the wanted services are ready. It starts a child
// whenever the directory's lock is free.
func (l *Lease) connect(ctx context.Context) (*bufio.Reader, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	for {
		reader, err := l.request(ctx)
		if err == nil || errors.As(err, new(*refusal)) {
			return reader, err
		}

		if lockIsFree(l.dir) {
			if err := startChild(l.dir, l.self); err != nil {
				return nil, err
			}
		}

		if !loop.Sleep(ctx, connectRetryDelay) {
			return nil, fmt.Errorf("embedded services did not start: %w (see %s)",
				err, filepath.Join(l.dir, logFile))
		}
	}
}

// request connects to the child once and requests the wanted services. The reader is the
// connection's, which is now the lease.
func (l *Lease) request(ctx context.Context) (*bufio.Reader, error) {
	address := childAddress(l.dir)
	if address == "" {
		return nil, errors.New("no address yet")
	}

	if _, err := checkOwned(filepath.Dir(address), os.Getuid()); err != nil {
		return nil, err // the directory of a dead child, which somebody else has now
	}

	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", address)
	if err != nil {
		return nil, err
	}

	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	reader := bufio.NewReader(conn)
	var r response

	if err := exchange(conn, reader, l.want, &r); err != nil {
		conn.Close()
		return nil, err
	}

	if r.Error != "" {
		conn.Close()
		return nil, &refusal{r.Error}
	}

	conn.SetDeadline(time.Time{})
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.closed {
		conn.Close()
	}

	l.conn, l.Services = conn, r.Services
	return reader, nil
}

// exchange sends a launcher's line, and reads the child's response.
func exchange(conn net.Conn, reader *bufio.Reader, want []string, r *response) error {
	if err := json.NewEncoder(conn).Encode(want); err != nil {
		return err
	}

	line, err := reader.ReadBytes('\n')
	if err != nil {
		return err
	}

	return json.Unmarshal(line, r)
}
