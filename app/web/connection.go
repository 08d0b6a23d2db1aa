package web

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// Limits on the rest of a rejected request that is still read before its connection
// is closed.
const (
	maxDrain     = 16 << 20 // bytes
	drainTimeout = 2 * time.Second
)

// continueAnswer is the interim answer that fasthttp writes before it reads a body
// whose sender waits for it.
var continueAnswer = []byte("HTTP/1.1 100 Continue\r\n\r\n")

// connection is a client's connection. It closes without a reset (RFC 9112 §9.6): the
// kernel answers unread bytes with a reset, and the client would lose the answer that
// says why its request was rejected. One goroutine serves it.
type connection struct {
	net.Conn
	unread       atomic.Bool // the request may be answered before all of it is read
	hideContinue bool        // the next "100 Continue" is dropped: the client did not request it

	upload  func() // ends the large body in progress; nil: there is none
	release func() // ends the count of the connection; further calls have no effect
}

// Write writes an answer.
func (c *connection) Write(b []byte) (int, error) {
	if !c.hideContinue {
		return c.Conn.Write(b)
	}

	c.hideContinue = false
	rest := bytes.TrimSuffix(b, continueAnswer) // answers to earlier requests may be before it
	if len(rest) > 0 {
		if n, err := c.Conn.Write(rest); err != nil {
			return n, err
		}
	}

	return len(b), nil
}

// endUpload ends the large body in progress, if there is one.
func (c *connection) endUpload() {
	if c.upload != nil {
		c.upload()
		c.upload = nil
	}
}

// detach returns the raw connection, which is not counted from now on.
func (c *connection) detach() net.Conn {
	c.endUpload()
	c.release()
	return c.Conn
}

// Close ends the writing side, then reads the rest of the request, then closes.
func (c *connection) Close() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.unread.Swap(false) {
		if half.CloseWrite() == nil && c.Conn.SetReadDeadline(time.Now().Add(drainTimeout)) == nil {
			_, _ = io.CopyN(io.Discard, c.Conn, maxDrain) // an error changes nothing: the connection is closed next
		}
	}
	return c.detach().Close()
}

// SyscallConn gives fasthttp and the hub access to the socket.
func (c *connection) SyscallConn() (syscall.RawConn, error) {
	if raw, ok := c.Conn.(syscall.Conn); ok {
		return raw.SyscallConn()
	}
	return nil, syscall.EINVAL
}

// rawConn unwraps a connection from fasthttp's and this package's types. A stream
// keeps the raw connection only, because fasthttp's wrapper holds a reader of 5 KB.
func rawConn(conn net.Conn) net.Conn {
	if u, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
		conn = u.UnsafeConn()
	}
	if c, ok := conn.(*connection); ok {
		conn = c.detach()
	}
	return conn
}
