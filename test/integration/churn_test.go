package integration

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"parley/test/wait"
)

// TestStreamChurn opens and closes 2,000 streams, which leave no goroutine and no
// descriptor.
func TestStreamChurn(t *testing.T) {
	const rounds, atOnce = 100, 20
	r := startReplica(t, "LIMIT_STREAMS_PER_USER", "0")
	ada := r.signIn("Ada")
	request := "GET /events?format=json HTTP/1.1\r\nHost: x\r\nCookie: parley=" + ada.token() + "\r\n\r\n"
	ada.http.CloseIdleConnections()
	churn := func(rounds int) {
		for range rounds {
			var all sync.WaitGroup
			for range atOnce {
				all.Go(func() {
					if err := openAndClose(r.host(), request); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}

		wait.Until(t, "the hub has no streams", func() bool { return r.replica.Hub.Count() == 0 })
	}

	churn(2) // creates what is created once
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	churn(rounds)
	wait.Until(t, "goroutines and descriptors are as few as before", func() bool {
		return runtime.NumGoroutine() <= goroutines+5 && openFiles(t) <= files+5
	})
}

// openAndClose opens a stream and closes it when it is ready.
func openAndClose(address, request string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
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

func openFiles(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}
