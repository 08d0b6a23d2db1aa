package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"parley/app/client"
)

const (
	stalledPeople  = 20
	stalledStreams = 10 * stalledPeople
	scrapeInterval = 250 * time.Millisecond
	openPerScrape  = 10 // streams: they open one after the other, as people's do
)

// stalledReaders are people who open streams and never read them, and Ada's
// conversations with them.
type stalledReaders struct {
	in            *installation
	ada           *client.Client
	people        []*client.Client
	conversations []uuid.UUID

	opened  int           // streams
	closed  int           // streams that the replica closed at its bound
	longest time.Duration // from the last stream's opening until all were closed
	most    figures
}

func newStalledReaders(ctx context.Context, in *installation, ada *client.Client) (s *stalledReaders, err error) {
	s = &stalledReaders{in: in, ada: ada, most: figures{}}
	if s.people, err = signInMany(ctx, in.base, "Carl", stalledPeople); err != nil {
		return nil, err
	}
	s.conversations, err = befriend(ctx, ada, s.people)
	return s, err
}

// beside runs a phase of the active readers while n stalled streams are open.
// The replica is scraped as often when there are none.
func (s *stalledReaders) beside(ctx context.Context, active *activeReaders, n int) ([]time.Duration, error) {
	stop, full, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() { done <- s.keepOpen(ctx, n, sync.OnceFunc(func() { close(full) }), stop) }()
	select {
	case <-full:
	case err := <-done:
		return nil, err
	}
	latencies, err := active.phase(ctx)
	close(stop)
	return latencies, errors.Join(err, <-done)
}

// keepOpen keeps n streams open until stop is closed, with a new one for each
// that the replica closes, and calls full when n have been opened. Then it waits
// until the last is closed. How many are open it learns from the replica: a
// connection that nobody reads doesn't show its end.
func (s *stalledReaders) keepOpen(ctx context.Context, n int, full func(), stop <-chan struct{}) error {
	start, err := scrape(s.in.replica)
	if err != nil {
		return err
	}
	var conns []net.Conn
	defer func() { closeAll(conns) }()

	var lastOpened time.Time
	for stopping := false; ; {
		now, err := scrape(s.in.replica)
		if err != nil {
			return err
		}
		s.noteMost(now)
		open := int(now[openStreams] - start[openStreams])
		if stopping && open == 0 {
			s.noteClosed(len(conns), int(now[stalledTotal]-start[stalledTotal]), lastOpened)
			return nil
		}
		if stopping && time.Since(lastOpened) > time.Minute {
			return fmt.Errorf("%d streams that nobody reads are still open", open)
		}

		if !stopping {
			if len(conns) >= n { // the replica may have closed some of them
				full()
			}
			if open < n {
				if conns, err = s.openMore(conns, min(openPerScrape, n-open)); err != nil {
					return err
				}
				lastOpened = time.Now()
			}
		}

		select {
		case <-stop:
			stopping, stop = true, nil
		case <-time.After(scrapeInterval):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// noteClosed notes the end of the streams of one phase.
func (s *stalledReaders) noteClosed(opened, closed int, lastOpened time.Time) {
	s.opened += opened
	s.closed += closed
	if opened > 0 {
		s.longest = max(s.longest, time.Since(lastOpened))
	}
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		c.Close()
	}
}

// openMore opens n more streams.
func (s *stalledReaders) openMore(conns []net.Conn, n int) ([]net.Conn, error) {
	for range n {
		conn, err := s.openUnread(len(conns))
		if err != nil {
			return conns, err
		}
		conns = append(conns, conn)
	}
	return conns, nil
}

func (s *stalledReaders) noteMost(now figures) {
	for _, name := range []string{heapBytes, queuedBytes, residentBytes} {
		s.most[name] = max(s.most[name], now[name])
	}
}

// openUnread opens a stream of somebody far away: with segments as on the way to
// a phone. With this machine's own segments, of 64 KB, the kernel would buffer
// megabytes for each stream.
func (s *stalledReaders) openUnread(i int) (net.Conn, error) {
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		return errors.Join(raw.Control(func(fd uintptr) {
			err = errors.Join(
				unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, 1400),
				unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<10),
			)
		}), err)
	}}
	return openStream(&d, s.people[i%stalledPeople])
}

func (s *stalledReaders) print(before, after figures) {
	fmt.Printf("    opened without being read %d, closed at the bound %d; the last ones within %v of being opened\n",
		s.opened, s.closed, s.longest.Round(100*time.Millisecond))
	fmt.Printf("    heap after a collection %.1f MiB before, at most %.1f in use, %.1f after; "+
		"queued at most %.1f MiB, %.1f after; RSS %.0f, %.0f, %.0f MiB\n",
		before.mib(heapBytes), s.most.mib(heapBytes), after.mib(heapBytes),
		s.most.mib(queuedBytes), after.mib(queuedBytes),
		before.mib(residentBytes), s.most.mib(residentBytes), after.mib(residentBytes))
}
