// Package ssetest opens event streams for tests: the client's side of a
// connection that a hub has taken over.
package ssetest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse"
)

// Plain renders an event as its name, a message as its body, and a stored run
// as its range.
type Plain struct{}

// Frame returns one line. It is never nil.
func (Plain) Frame(_ chat.StreamFormat, e chat.Event, own bool) []byte {
	if m, ok := e.(chat.MessageEvent); ok {
		return fmt.Appendf(nil, "message %s own=%v\n", m.Message.Body, own)
	}
	if s, ok := e.(chat.StoredEvent); ok {
		return fmt.Appendf(nil, "stored %d-%d\n", s.From, s.To)
	}
	return fmt.Appendf(nil, "%s\n", e.Kind())
}

// readTimeout only bounds a test that fails.
const readTimeout = 15 * time.Second

// Reader is the client's side of a stream, over a real TCP connection.
type Reader struct {
	Conn net.Conn

	t     testing.TB
	lines *bufio.Reader
}

// StreamOf describes a JSON stream of a person from the loopback address. The
// session has the person's id.
func StreamOf(person uuid.UUID) chat.Stream {
	return chat.Stream{
		Format:  chat.StreamJSON,
		Person:  person,
		Session: person,
		Address: netip.MustParseAddr("127.0.0.1"),
	}
}

// Connect opens a stream on the hub. It is closed when the test ends.
func Connect(t testing.TB, hub *sse.Hub, s chat.Stream) *Reader {
	t.Helper()
	return ConnectAfter(t, hub, s, func() {})
}

// ConnectAfter calls meanwhile between the admission of the stream and its attachment.
func ConnectAfter(t testing.TB, hub *sse.Hub, s chat.Stream, meanwhile func()) *Reader {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()

	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { conn.Close() })
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}

	if err := hub.Reserve(s); err != nil {
		t.Fatal(err)
	}

	meanwhile()
	hub.Attach(server, s)
	return &Reader{conn, t, bufio.NewReader(conn)}
}

// Reads returns the next line that is not a heartbeat.
func (r *Reader) Reads() string {
	r.t.Helper()
	r.Conn.SetReadDeadline(time.Now().Add(readTimeout))
	for {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			r.t.Fatalf("the stream ended: %v", err)
		}
		switch line = strings.TrimSpace(line); line {
		case "", ":":
		case "event: heartbeat":
			r.skipFrame()
		default:
			return line
		}
	}
}

// skipFrame reads the rest of a frame.
func (r *Reader) skipFrame() {
	for {
		if line, err := r.lines.ReadString('\n'); err != nil || line == "\n" {
			return
		}
	}
}

// ExpectsHeartbeat reads the lines of the next heartbeat.
func (r *Reader) ExpectsHeartbeat(want ...string) {
	r.t.Helper()
	r.Conn.SetReadDeadline(time.Now().Add(readTimeout))
	for _, w := range want {
		line, err := r.lines.ReadString('\n')
		if err != nil || strings.TrimSpace(line) != w {
			r.t.Fatalf("read %q, %v; want %q", line, err, w)
		}
	}
}

// Expects reads the given lines, in this order and with none between them.
func (r *Reader) Expects(lines ...string) {
	r.t.Helper()
	for _, want := range lines {
		if got := r.Reads(); got != want {
			r.t.Fatalf("read %q, want %q", got, want)
		}
	}
}

// Ends waits until the hub has closed the connection.
func (r *Reader) Ends() {
	r.t.Helper()
	r.Conn.SetReadDeadline(time.Now().Add(readTimeout))
	if _, err := io.Copy(io.Discard, r.lines); err != nil && !strings.Contains(err.Error(), "reset") {
		r.t.Fatalf("the stream did not end: %v", err)
	}
}
