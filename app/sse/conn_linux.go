package sse

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// userTimeout is how long sent bytes may remain unacknowledged before the kernel closes
// the connection, in milliseconds.
const userTimeout = 30_000

// setUserTimeout ignores errors, because heartbeats detect a broken connection too,
// though later.
func setUserTimeout(conn net.Conn) {
	control(conn, func(fd int) {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, userTimeout)
	})
}

// peerClosed reports whether the other side has closed the connection, without reading.
// MSG_PEEK would miss a FIN that follows unread bytes.
func peerClosed(conn net.Conn) bool {
	closed := false
	ok := control(conn, func(fd int) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		n, err := unix.Poll(fds, 0)
		closed = err == nil && n > 0 && fds[0].Revents&(unix.POLLRDHUP|unix.POLLHUP|unix.POLLERR) != 0
	})
	return closed || !ok
}

// tryWrite writes a few bytes without blocking. If the send buffer is full it drops the
// bytes and returns true. It returns false when the connection is broken or accepted only
// some of the bytes.
func tryWrite(conn net.Conn, b []byte) bool {
	written := true
	ok := control(conn, func(fd int) {
		n, err := unix.Write(fd, b)
		written = n == len(b) || err == unix.EAGAIN || err == unix.EINTR
	})
	return written && ok
}

func control(conn net.Conn, f func(fd int)) bool {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}

	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	return raw.Control(func(fd uintptr) { f(int(fd)) }) == nil
}
