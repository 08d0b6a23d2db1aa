package faults

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// echo starts a server that returns every line.
func echo(t *testing.T) (address string) {
	t.Helper()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}

			go func() { defer conn.Close(); _, _ = io.Copy(conn, conn) }()
		}
	}()
	return l.Addr().String()
}

// newLink returns an open link to an echo server.
func newLink(t *testing.T) *Link {
	t.Helper()

	l, err := NewLink()
	if err != nil {
		t.Fatal(err)
	}

	l.Target = echo(t)
	t.Cleanup(func() { _ = l.Cut() })
	do(t, l.Open)
	return l
}

func do(t *testing.T, f func() error) {
	t.Helper()

	if err := f(); err != nil {
		t.Fatal(err)
	}
}

// conn is a connection to the echo server through a link.
type conn struct {
	net.Conn
	t     *testing.T
	lines *bufio.Reader
}

func dial(t *testing.T, l *Link) conn {
	t.Helper()

	c, err := net.Dial("tcp", l.Address)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { c.Close() })
	return conn{c, t, bufio.NewReader(c)}
}

// round sends a line and expects it back.
func (c conn) round(line string) {
	c.t.Helper()
	c.send(line)
	c.expect(line)
}

func (c conn) send(line string) {
	c.t.Helper()

	if _, err := io.WriteString(c, line); err != nil {
		c.t.Fatal(err)
	}
}

func (c conn) expect(line string) {
	c.t.Helper()

	if got, err := c.lines.ReadString('\n'); got != line {
		c.t.Fatalf("read %q, %v; want %q", got, err, line)
	}
}

// expectNothing reads for a moment.
func (c conn) expectNothing() {
	c.t.Helper()

	_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if got, err := c.lines.ReadString('\n'); !errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Errorf("read %q, %v; want no byte", got, err)
	}

	_ = c.SetReadDeadline(time.Time{})
}

func (c conn) expectClosed() {
	c.t.Helper()

	if got, err := c.lines.ReadString('\n'); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Errorf("read %q, %v; want the connection's end", got, err)
	}
}

func TestAFrozenLinkHoldsBytesBack(t *testing.T) {
	l := newLink(t)
	c := dial(t, l)
	c.round("before\n")
	l.Freeze()
	c.send("frozen\n")
	c.expectNothing()
	l.Thaw()
	c.expect("frozen\n")
}

func TestACutLinkRefusesConnectionsUntilItIsOpen(t *testing.T) {
	l := newLink(t)
	c := dial(t, l)
	c.round("before\n")
	do(t, l.Cut)
	c.expectClosed()

	if _, err := net.Dial("tcp", l.Address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialing a cut link: %v", err)
	}

	do(t, l.Open)
	dial(t, l).round("after\n")
}

func TestASilentLinkAcceptsAndDropsBytes(t *testing.T) {
	l := newLink(t)
	before := dial(t, l)
	before.round("before\n")
	do(t, l.Silence)
	before.expectClosed()
	silenced := dial(t, l)
	silenced.send("silenced\n")
	silenced.expectNothing()
	do(t, l.Open)
	silenced.expectClosed()
	dial(t, l).round("after\n")
}

func TestASlowLinkDelaysBothDirections(t *testing.T) {
	const delay = 60 * time.Millisecond
	l := newLink(t)
	do(t, func() error { return l.Slow(delay) })

	c, begin := dial(t, l), time.Now()
	for range 10 {
		c.send("one\n")
	}

	for range 10 {
		c.expect("one\n")
	}

	// Bounded below only: a busy machine may add any time.
	if took := time.Since(begin); took < 2*delay/3 {
		t.Errorf("ten lines returned after %v; each direction takes at least %v", took, delay/3)
	}
}
