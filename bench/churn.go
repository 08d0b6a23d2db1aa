package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"parley/app/client"
)

const (
	churnStreams     = 20_000
	churnConcurrency = 20
)

// churn opens and closes streams in every way that browsers do, and prints what
// is left of them.
func churn(ctx context.Context, in *installation) error {
	people, err := signInMany(ctx, in.base, "Dora", churnConcurrency)
	if err != nil {
		return err
	}

	run := func(n int) error {
		return each(n, churnConcurrency, func(i int) error {
			return openAndClose(people[i%churnConcurrency], i/churnConcurrency)
		})
	}

	if err := run(len(closings) * churnConcurrency * 5); err != nil { // what is allocated once
		return err
	}
	transport.CloseIdleConnections()
	start, err := settled(ctx, in.replica, figures{})
	if err != nil {
		return err
	}

	begin := time.Now()
	if err := run(churnStreams); err != nil {
		return err
	}

	took := time.Since(begin).Round(time.Second)
	end, err := settled(ctx, in.replica, start)
	if err != nil {
		return err
	}

	fmt.Printf("  %d streams came and went in %v, a quarter each: "+
		"closed when ready, reset when ready, reset before the answer, closed amid the header\n", churnStreams, took)
	fmt.Printf("    goroutines %.0f before, %.0f after; descriptors %.0f, %.0f; RSS %.1f, %.1f MiB\n",
		start[goroutines], end[goroutines], start[openFiles], end[openFiles],
		start.mib(residentBytes), end.mib(residentBytes))
	return nil
}

// closings are the ways to open and close a stream.
var closings = []func(conn *net.TCPConn, request string) error{
	func(conn *net.TCPConn, request string) error {
		return errors.Join(requestStream(conn, request), conn.Close())
	},
	func(conn *net.TCPConn, request string) error {
		return errors.Join(requestStream(conn, request), reset(conn))
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

// reset closes a connection with a TCP reset.
func reset(conn *net.TCPConn) error { return errors.Join(conn.SetLinger(0), conn.Close()) }

func openAndClose(c *client.Client, way int) error {
	conn, err := net.Dial("tcp", address(c))
	if err != nil {
		return err
	}
	return closings[way%len(closings)](conn.(*net.TCPConn), streamRequest(c))
}
