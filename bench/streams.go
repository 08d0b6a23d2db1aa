package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	streamPeople = 1500
	streamsEach  = 10
)

// streams opens 15,000 idle streams of signed-in people on one replica, and weighs them with heartbeats on.
func streams(ctx context.Context, l *local) error {
	if l.cmd == nil {
		return fmt.Errorf("memory is read from the replica's process: run without -target")
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && limit.Cur < streamPeople*streamsEach+1000 {
		return fmt.Errorf("only %d file descriptors: ulimit -n %d", limit.Cur, streamPeople*streamsEach+1000)
	}
	// A collector that lets little garbage stand: else what start-up and sign-ins left hides what streams need.
	l.stop()
	l.env = []string{"GOGC=10"}
	if err := l.start(); err != nil {
		return err
	}
	start, err := settledRSS(l.cmd.Process.Pid)
	if err != nil {
		return err
	}
	people := make([]*client, streamPeople)
	if err := each(streamPeople, 16, func(i int) (err error) {
		people[i], err = signIn(l.base, fmt.Sprintf("Person %d", i))
		return err
	}); err != nil {
		return err
	}
	transport.CloseIdleConnections()
	before, err := settledRSS(l.cmd.Process.Pid)
	if err != nil {
		return err
	}
	conns := make([]net.Conn, streamPeople*streamsEach)
	if err := each(len(conns), 32, func(i int) (err error) {
		conns[i], err = openStream(people[i%streamPeople])
		return err
	}); err != nil {
		return err
	}
	var beats atomic.Int64
	for _, c := range conns {
		go func() {
			b := make([]byte, 64)
			for {
				n, err := c.Read(b)
				if err != nil {
					return
				}
				beats.Add(int64(strings.Count(string(b[:n]), ":\n\n")))
			}
		}()
	}
	time.Sleep(50 * time.Second) // two rounds of heartbeats
	after, err := rss(l.cmd.Process.Pid)
	if err != nil {
		return err
	}
	threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", l.cmd.Process.Pid))
	fmt.Printf("  %d streams of %d people: RSS %d KiB at start, %d signed in, %d with streams: %.2f KiB each, %.2f with the sign-ins; %d threads; %.1f heartbeats each in 50 s\n",
		len(conns), streamPeople, start, before, after, float64(after-before)/float64(len(conns)), float64(after-start)/float64(len(conns)), len(threads), float64(beats.Load())/float64(len(conns)))
	for _, c := range conns {
		c.Close()
	}
	return nil
}

// openStream reads to the event ready.
func openStream(c *client) (net.Conn, error) { return openStreamWith(&net.Dialer{}, c) }

func openStreamWith(d *net.Dialer, c *client) (net.Conn, error) {
	conn, err := d.Dial("tcp", strings.TrimPrefix(c.base, "http://"))
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprint(conn, streamRequest(c)); err != nil {
		return nil, err
	}
	conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	lines := bufio.NewReaderSize(conn, 512)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("stream: %w", err)
		}
		if strings.HasPrefix(line, "event: ready") {
			break
		}
	}
	_, err = io.CopyN(io.Discard, lines, int64(lines.Buffered()))
	conn.SetReadDeadline(time.Time{})
	return conn, err
}

func streamRequest(c *client) string {
	return fmt.Sprintf("GET /events HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", strings.TrimPrefix(c.base, "http://"), c.cookie)
}

// settledRSS waits until the process has given back what it doesn't need: until its memory hasn't fallen for ten seconds.
func settledRSS(pid int) (least int, err error) {
	if least, err = rss(pid); err != nil {
		return 0, err
	}
	for quiet := 0; quiet < 10; quiet++ {
		time.Sleep(time.Second)
		now, err := rss(pid)
		if err != nil {
			return 0, err
		}
		if now < least {
			least, quiet = now, 0
		}
	}
	return least, nil
}

// rss is a process' resident memory in KiB.
func rss(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			return strconv.Atoi(fields[1])
		}
	}
	return 0, fmt.Errorf("no VmRSS")
}

// each runs f n times, so many at once, and answers the first error.
func each(n, atOnce int, f func(i int) error) error {
	var wg sync.WaitGroup
	errs := make(chan error, atOnce)
	for w := range atOnce {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < n; i += atOnce {
				if err := f(i); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}
