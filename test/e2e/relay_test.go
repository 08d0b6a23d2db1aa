package e2e

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// relay forwards connections to a replica, as a proxy does.
type relay struct {
	base   string
	target string

	mu      sync.Mutex // guards the fields below
	silent  map[net.Conn]bool
	refused int // answers with status 429
	down    bool
}

// newRelay starts a relay to a replica's address. It ends with the test.
func newRelay(t *testing.T, base string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { l.Close() })
	r := &relay{base: "http://" + l.Addr().String(), target: strings.TrimPrefix(base, "http://"), silent: map[net.Conn]bool{}}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go r.forward(conn)
		}
	}()
	return r
}

func (r *relay) forward(conn net.Conn) {
	defer conn.Close()
	up, err := net.Dial("tcp", r.target)
	if err != nil {
		return
	}
	defer up.Close()

	r.mu.Lock()
	down := r.down
	r.silent[conn] = false
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.silent, conn)
		r.mu.Unlock()
	}()

	if down {
		return
	}

	go func() {
		defer up.Close()
		_, _ = io.Copy(relayWriter{r, conn, up}, conn) // an end of the browser ends both
	}()
	_, _ = io.Copy(relayWriter{r, conn, conn}, up)
}

// silence drops all bytes of the connections that are open now, and closes none. Later ones work.
func (r *relay) silence() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for conn := range r.silent {
		r.silent[conn] = true
	}
}

// disconnect closes all connections, and later ones at once, until reconnect.
func (r *relay) disconnect() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = true
	for conn := range r.silent {
		_ = conn.Close()
	}
}

func (r *relay) reconnect() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = false
}

// refusals is the number of answers with status 429.
func (r *relay) refusals() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refused
}

// relayWriter drops bytes of silent connections.
type relayWriter struct {
	relay *relay
	conn  net.Conn // the browser's side, which the silence is of
	to    net.Conn
}

func (w relayWriter) Write(b []byte) (int, error) {
	w.relay.mu.Lock()
	silent := w.relay.silent[w.conn]
	if bytes.HasPrefix(b, []byte("HTTP/1.1 429")) {
		w.relay.refused++
	}
	w.relay.mu.Unlock()
	if silent {
		return len(b), nil
	}
	return w.to.Write(b)
}
