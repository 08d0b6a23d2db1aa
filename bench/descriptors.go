package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sys/unix"

	"parley/app/client"
)

// descriptorsLeft is how many more files than now the replica may open in
// exhaustDescriptors.
const descriptorsLeft = 40

// exhaustDescriptors lowers the replica's limit of file descriptors, opens
// connections until it can accept no more, sends on one that is open, and closes
// the others.
func exhaustDescriptors(ctx context.Context, in *installation) error {
	ada, ids, err := conversations(ctx, in.base, 1)
	if err != nil {
		return err
	}

	pid := in.replica.PID()
	var usual unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &usual); err != nil {
		return err
	}

	scarce := usual
	limit := openDescriptors(pid) + descriptorsLeft
	scarce.Cur = uint64(limit)
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &scarce, nil); err != nil {
		return err
	}

	taken, failed := 0, 0
	err = withConnections(address(ada), 3*descriptorsLeft, func() error { // most wait in the kernel's queue
		for begin := time.Now(); openDescriptors(pid) < limit; time.Sleep(10 * time.Millisecond) {
			if time.Since(begin) > 10*time.Second {
				return fmt.Errorf("%d descriptors are open, of %d", openDescriptors(pid), limit)
			}
		}
		for range 100 { // on a connection that is open
			if _, err := ada.Send(ctx, client.Write(ids[0], "Is there room for one more?")); err == nil {
				taken++
			} else {
				failed++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}

	begin := time.Now()
	if err := awaitAccept(in.base); err != nil {
		return err
	}

	fmt.Printf("  no descriptor left: %d sends on an open connection, %d failed; "+
		"%v after some came back it accepts again\n",
		taken, failed, time.Since(begin).Round(time.Millisecond))
	return unix.Prlimit(pid, unix.RLIMIT_NOFILE, &usual, nil)
}

// withConnections calls do while n idle connections are open.
func withConnections(address string, n int, do func() error) error {
	for range n {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		defer conn.Close()
	}
	return do()
}

// awaitAccept waits until the replica accepts new connections.
func awaitAccept(base string) error {
	transport.CloseIdleConnections()
	for begin := time.Now(); ; {
		res, err := http.Get(base + "/readyz")
		if err == nil {
			return res.Body.Close()
		}
		if time.Since(begin) > time.Minute {
			return fmt.Errorf("no new connection is accepted: %w", err)
		}
	}
}
