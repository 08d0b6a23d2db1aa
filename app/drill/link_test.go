package drill

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// echo answers every line with itself.
func echo(t *testing.T) string {
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

func TestALinkIsCutAndFrozen(t *testing.T) {
	l, err := newLink(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.cut() })
	dial := func() (net.Conn, *bufio.Reader) {
		t.Helper()
		conn, err := net.Dial("tcp", l.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn, bufio.NewReader(conn)
	}
	says := func(conn net.Conn, r *bufio.Reader, line string) {
		t.Helper()
		if _, err := io.WriteString(conn, line); err != nil {
			t.Fatal(err)
		}
		if got, err := r.ReadString('\n'); got != line {
			t.Fatalf("%q came back as %q, %v", line, got, err)
		}
	}
	conn, r := dial()
	says(conn, r, "before\n")

	if err := l.freeze(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "frozen\n"); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if got, err := r.ReadString('\n'); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("frozen, %q came through, %v", got, err)
	}
	if err := l.thaw(context.Background()); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Time{})
	if got, err := r.ReadString('\n'); got != "frozen\n" {
		t.Errorf("thawed, %q came, %v", got, err)
	}

	if err := l.cut(); err != nil {
		t.Fatal(err)
	}
	if got, err := r.ReadString('\n'); err == nil {
		t.Errorf("cut, %q came", got)
	}
	if _, err := net.Dial("tcp", l.address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("cut, dialling says %v", err)
	}
	if err := l.mend(context.Background()); err != nil {
		t.Fatal(err)
	}
	again, r2 := dial()
	says(again, r2, "mended\n")
}
