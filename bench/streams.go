package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"parley/app/client"
)

const (
	streamPeople     = 1500
	streamsPerPerson = 10
	streamCount      = streamPeople * streamsPerPerson
)

// streams opens 15,000 idle streams of signed-in people on one replica, and
// weighs them while they carry heartbeats.
func streams(ctx context.Context, in *installation) error {
	if in.replica == nil {
		return errTarget
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && limit.Cur < streamCount+1000 {
		return fmt.Errorf("only %d file descriptors: ulimit -n %d", limit.Cur, streamCount+1000)
	}

	// Frequent collections: otherwise the garbage of the start and of the sign-ins hides what
	// streams need.
	if err := in.restart(ctx, "GOGC=10"); err != nil {
		return err
	}

	pid := in.replica.PID()
	start, err := settledRSS(pid)
	if err != nil {
		return err
	}

	people, err := signInMany(ctx, in.base, "Person", streamPeople)
	if err != nil {
		return err
	}

	transport.CloseIdleConnections()
	signedIn, err := settledRSS(pid)
	if err != nil {
		return err
	}

	conns := make([]net.Conn, streamCount)
	if err := each(len(conns), 32, func(i int) (err error) {
		conns[i], err = openStream(&net.Dialer{}, people[i%streamPeople])
		return err
	}); err != nil {
		return err
	}

	var beats atomic.Int64
	for _, c := range conns {
		go countHeartbeats(c, &beats)
	}

	time.Sleep(50 * time.Second) // a dozen rounds of heartbeats
	open, err := rss(pid)
	if err != nil {
		return err
	}

	threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	per := func(n int) float64 { return float64(n) / streamCount }
	fmt.Printf("  %d streams of %d people: RSS %d KiB at start, %d signed in, %d with streams: "+
		"%.2f KiB each, %.2f with the sign-ins; %d threads; %.1f heartbeats each in 50 s\n",
		streamCount, streamPeople, start, signedIn, open,
		per(open-signedIn), per(open-start), len(threads), per(int(beats.Load())))
	for _, c := range conns {
		c.Close()
	}
	return nil
}

func countHeartbeats(conn net.Conn, beats *atomic.Int64) {
	b := make([]byte, 256)
	for {
		n, err := conn.Read(b)
		if err != nil {
			return
		}
		beats.Add(int64(strings.Count(string(b[:n]), "event: heartbeat")))
	}
}

// openStream opens a stream on a connection of its own, with less memory than
// net/http needs, and reads to the event ready.
func openStream(d *net.Dialer, c *client.Client) (net.Conn, error) {
	conn, err := d.Dial("tcp", address(c))
	if err != nil {
		return nil, err
	}
	return conn, requestStream(conn, streamRequest(c))
}

// requestStream sends the request of a stream and reads to the event ready.
func requestStream(conn net.Conn, request string) error {
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(conn, request); err != nil {
		return err
	}

	lines := bufio.NewReaderSize(conn, 512)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return fmt.Errorf("stream: %w", err)
		}
		if strings.HasPrefix(line, "event: ready") {
			break
		}
	}

	if _, err := io.CopyN(io.Discard, lines, int64(lines.Buffered())); err != nil {
		return err
	}
	return conn.SetDeadline(time.Time{})
}

func streamRequest(c *client.Client) string {
	return fmt.Sprintf("GET /events HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", address(c), cookie(c))
}

// address is the client's replica as host:port.
func address(c *client.Client) string { return strings.TrimPrefix(c.Base, "http://") }

// cookie is the header of the client's session.
func cookie(c *client.Client) string {
	var pairs []string
	for _, cookie := range c.Cookies() {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}
