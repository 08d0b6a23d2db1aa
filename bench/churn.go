package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	comingsInAll  = 20_000
	comingsAtOnce = 20
	settleTimeout = 2 * time.Minute
)

// comings opens and leaves streams in every way that people do, and tells what is left of them.
func comings(ctx context.Context, l *local) error {
	people := make([]*client, comingsAtOnce)
	for i := range people {
		var err error
		if people[i], err = signIn(l.base, fmt.Sprintf("Dora %d", i)); err != nil {
			return err
		}
	}
	come := func(n int) error {
		return each(n, comingsAtOnce, func(i int) error { return comesAndGoes(people[i%comingsAtOnce], i/comingsAtOnce) })
	}
	if err := come(len(leavings()) * comingsAtOnce * 5); err != nil { // what is made once
		return err
	}
	transport.CloseIdleConnections()
	start, err := l.settled(ctx, figures{goroutines: 0, openFiles: 0})
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := come(comingsInAll); err != nil {
		return err
	}
	took := time.Since(begin)
	end, err := l.settled(ctx, start)
	if err != nil {
		return err
	}
	fmt.Printf("  %d streams came and went in %v, a quarter each: closed when ready, reset when ready, reset before the answer, closed amid the header\n", comingsInAll, took.Round(time.Second))
	fmt.Printf("    goroutines %.0f before, %.0f after; descriptors %.0f, %.0f; RSS %.1f, %.1f MiB\n",
		start[goroutines], end[goroutines], start[openFiles], end[openFiles], start.mib(residentBytes), end.mib(residentBytes))
	return nil
}

// settled waits until no stream is open and nothing is left above a level, or for what is there when nothing has changed for some seconds. The memory
// is what the process keeps then.
func (l *local) settled(ctx context.Context, level figures) (f figures, err error) {
	var last figures
	same := 0
	for range paced(ctx, 1, settleTimeout) {
		if f, err = l.figures(); err != nil {
			return nil, err
		}
		if f[openStreams] == 0 && f[goroutines] <= level[goroutines] && f[openFiles] <= level[openFiles] {
			break
		}
		if same++; last == nil || f[openStreams] != 0 || f[goroutines] != last[goroutines] || f[openFiles] != last[openFiles] {
			same = 0
		}
		if last = f; same == 15 { // fasthttp keeps a goroutine that has nothing to do for ten
			break
		}
	}
	least, err := settledRSS(l.cmd.Process.Pid)
	f[residentBytes] = float64(least << 10)
	return f, errors.Join(err, ctx.Err())
}

// leavings are the ways to come and go.
func leavings() []func(conn *net.TCPConn, request string) error {
	reset := func(conn *net.TCPConn) error { return errors.Join(conn.SetLinger(0), conn.Close()) }
	return []func(*net.TCPConn, string) error{
		func(conn *net.TCPConn, request string) error {
			return errors.Join(becomesReady(conn, request), conn.Close())
		},
		func(conn *net.TCPConn, request string) error {
			return errors.Join(becomesReady(conn, request), reset(conn))
		},
		func(conn *net.TCPConn, request string) error {
			_, err := fmt.Fprint(conn, request)
			return errors.Join(err, reset(conn))
		},
		func(conn *net.TCPConn, request string) error {
			_, err := fmt.Fprint(conn, request[:len(request)/2])
			return errors.Join(err, conn.Close())
		},
	}
}

func comesAndGoes(c *client, how int) error {
	address := strings.TrimPrefix(c.base, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	all := leavings()
	return all[how%len(all)](conn.(*net.TCPConn), streamRequest(c))
}

func becomesReady(conn net.Conn, request string) error {
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(conn, request); err != nil {
		return err
	}
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if lines.Text() == "event: ready" {
			return nil
		}
	}
	return fmt.Errorf("the stream ended: %v", lines.Err())
}

// descriptorsLeft is how many more than it has the replica may open in shortage.
const descriptorsLeft = 40

// shortage takes the replica's descriptors away, has people come until it can let nobody in, and gives some back.
func shortage(l *local) error {
	ada, err := signIn(l.base, "Ada")
	if err != nil {
		return err
	}
	bob, err := signIn(l.base, "Bob")
	if err != nil {
		return err
	}
	talk, err := ada.opens(bob)
	if err != nil {
		return err
	}
	var usual unix.Rlimit
	now, pid := l.descriptors(), l.cmd.Process.Pid
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &usual); err != nil {
		return err
	}
	scarce := usual
	scarce.Cur = uint64(now + descriptorsLeft)
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &scarce, nil); err != nil {
		return err
	}
	var held []net.Conn
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()
	for range 3 * descriptorsLeft { // the rest waits in the kernel's queue
		conn, err := net.Dial("tcp", strings.TrimPrefix(l.base, "http://"))
		if err != nil {
			return err
		}
		held = append(held, conn)
	}
	for begin := time.Now(); l.descriptors() < now+descriptorsLeft; time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			return fmt.Errorf("%d descriptors are open, of %d", l.descriptors(), scarce.Cur)
		}
	}
	taken, failed := 0, 0
	for range 100 { // by a connection that is open
		if ada.sends(talk, "Is there room for one more?") == nil {
			taken++
		} else {
			failed++
		}
	}
	for _, c := range held {
		c.Close()
	}
	held = nil
	begin := time.Now()
	transport.CloseIdleConnections()
	for {
		res, err := http.Get(l.base + "/readyz")
		if err == nil {
			res.Body.Close()
			break
		}
		if time.Since(begin) > time.Minute {
			return fmt.Errorf("it accepts nobody: %w", err)
		}
	}
	fmt.Printf("  no descriptor left: %d sends on an open connection, %d failed; %v after some came back it accepts again\n", taken, failed, time.Since(begin).Round(time.Millisecond))
	return unix.Prlimit(pid, unix.RLIMIT_NOFILE, &usual, nil)
}

// descriptors are how many files the replica has open.
func (l *local) descriptors() int {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", l.cmd.Process.Pid))
	return len(open)
}
