package web

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// How much of a request that was refused unread is read all the same before its connection is closed, and for how long.
const (
	lingerBytes = 16 << 20
	lingerFor   = 2 * time.Second
)

// lingering is a connection that can be closed without a reset (RFC 9112 §9.6): bytes that nobody read would make the kernel answer with
// one, and the client lose the answer that says why it was refused.
type drainOnClose struct {
	net.Conn
	unread atomic.Bool // the answer was given before the whole request was read
}

// Close first says that no more will be written, then reads what is still coming.
func (c *drainOnClose) Close() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.unread.Swap(false) {
		if half.CloseWrite() == nil && c.Conn.SetReadDeadline(time.Now().Add(lingerFor)) == nil {
			_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes) // whether it comes to an end doesn't matter any more
		}
	}
	return c.Conn.Close()
}

// SyscallConn lets fasthttp and the hub reach the socket.
func (c *drainOnClose) SyscallConn() (syscall.RawConn, error) {
	if raw, ok := c.Conn.(syscall.Conn); ok {
		return raw.SyscallConn()
	}
	return nil, syscall.EINVAL
}

// bare is the connection under what Fiber and this file have put around it: a stream keeps nothing else.
func bare(conn net.Conn) net.Conn {
	if u, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
		conn = u.UnsafeConn() // the wrapper would keep its reader alive, 5 KB
	}
	if l, ok := conn.(*drainOnClose); ok {
		conn = l.Conn
	}
	return conn
}
