package web

import (
	"context"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
)

const requesterInterval = 200 * time.Millisecond

// whileConnected returns the request's context, which also ends when the client closes its
// connection. Fasthttp does not read a connection while a handler runs. It is for handlers
// that may take seconds. The handler calls stop, and returns only after it.
func whileConnected(c *fiber.Ctx) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(c.UserContext())
	conn, ok := c.Context().Conn().(syscall.Conn)
	if !ok {
		return ctx, cancel
	}

	raw, err := conn.SyscallConn()
	if err != nil {
		return ctx, cancel
	}

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(requesterInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}

			if hasClosed(raw) {
				cancel()
				return
			}
		}
	}()

	return ctx, func() { cancel(); <-ended }
}

// hasClosed reports whether the other side has closed a connection. It does not consume what
// the other side has sent.
func hasClosed(raw syscall.RawConn) (closed bool) {
	err := raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch err {
		case nil:
			closed = n == 0
		case syscall.EAGAIN, syscall.EINTR:
		default:
			closed = true
		}
	})
	return closed || err != nil
}
