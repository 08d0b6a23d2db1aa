package web

import (
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

// drainOnClose is a connection that closes without a reset (RFC 9112 §9.6): the
// kernel answers unread bytes with a reset, and the client would lose the answer that
// says why its request was rejected.
type drainOnClose struct {
	net.Conn
	unread atomic.Bool // the request was answered before all of it was read
}

// Close ends the writing side, then reads the rest of the request, then closes.
func (c *drainOnClose) Close() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.unread.Swap(false) {
		if half.CloseWrite() == nil && c.Conn.SetReadDeadline(time.Now().Add(drainTimeout)) == nil {
			_, _ = io.CopyN(io.Discard, c.Conn, maxDrain) // an error changes nothing: the connection is closed next
		}
	}
	return c.Conn.Close()
}

// SyscallConn gives fasthttp and the hub access to the socket.
func (c *drainOnClose) SyscallConn() (syscall.RawConn, error) {
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
	if d, ok := conn.(*drainOnClose); ok {
		conn = d.Conn
	}
	return conn
}
