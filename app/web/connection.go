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

// A client reads an answer by at least writeChunk bytes per writeTimeout: 1 KB/s, beyond what
// the kernel's buffers hold.
const (
	writeChunk   = 32 << 10 // bytes
	writeTimeout = 30 * time.Second
)

// connection is a client's connection. It closes without a reset (RFC 9112 §9.6): the
// kernel answers unread bytes with a reset, and the client would lose the answer that
// says why its request was rejected. One goroutine serves it.
type connection struct {
	net.Conn
	unread       atomic.Bool // the request may be answered before all of it is read
	hideContinue bool        // the next "100 Continue" is dropped: the client did not request it

	hasDeadline atomic.Bool            // a handler set the deadline of its answer
	unsent      atomic.Pointer[func()] // releases the memory of the last answer; nil: none is held

	upload  func() // ends the large body in progress; nil: there is none
	release func() // ends the count of the connection; further calls have no effect
}

// Read begins when the last answer has been written.
func (c *connection) Read(b []byte) (int, error) {
	c.endAnswer()
	return c.Conn.Read(b)
}

// endAnswer releases the memory of the last answer, which has been written or never will be.
func (c *connection) endAnswer() {
	if release := c.unsent.Swap(nil); release != nil {
		(*release)()
	}
}

// SetWriteDeadline replaces writeTimeout by a deadline of the whole answer.
func (c *connection) SetWriteDeadline(t time.Time) error {
	c.hasDeadline.Store(true)
	return c.Conn.SetWriteDeadline(t)
}

// Write writes an answer.
func (c *connection) Write(b []byte) (int, error) {
	if !c.hideContinue {
		return c.writeSlowly(b)
	}

	c.hideContinue = false
	rest := bytes.TrimSuffix(b, continueAnswer) // answers to earlier requests may be before it
	if len(rest) > 0 {
		if n, err := c.writeSlowly(rest); err != nil {
			return n, err
		}
	}

	return len(b), nil
}

// writeSlowly writes b while the client reads fast enough.
func (c *connection) writeSlowly(b []byte) (written int, err error) {
	for written < len(b) && err == nil {
		if !c.hasDeadline.Load() {
			if err := c.Conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
				return written, err
			}
		}

		n := 0
		n, err = c.Conn.Write(b[written:min(written+writeChunk, len(b))])
		written += n
	}
	return written, err
}

// endUpload ends the large body in progress, if there is one.
func (c *connection) endUpload() {
	if c.upload != nil {
		c.upload()
		c.upload = nil
	}
}

// detach returns the raw connection, which is not counted from now on and has no deadline for
// writes.
func (c *connection) detach() net.Conn {
	c.endUpload()
	c.endAnswer()
	c.release()
	_ = c.Conn.SetWriteDeadline(time.Time{}) // fails if the connection is closed already
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

// rawConn unwraps a connection from fasthttp's and this package's types, and detaches it. A stream
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
