package sse

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// userTimeout is how long sent bytes may stay unacknowledged before the kernel gives the connection up.
const userTimeout = 30_000 // ms

func setUserTimeout(conn net.Conn) {
	control(conn, func(fd int) {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, userTimeout) // heartbeats find it out too, later
	})
}

// hungUp looks for the other side's FIN without reading: MSG_PEEK would miss one behind a stray byte.
func peerClosed(conn net.Conn) bool {
	gone := false
	ok := control(conn, func(fd int) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		n, err := unix.Poll(fds, 0)
		gone = err == nil && n > 0 && fds[0].Revents&(unix.POLLRDHUP|unix.POLLHUP|unix.POLLERR) != 0
	})
	return gone || !ok
}

// writeNow writes a few bytes without waiting. A full buffer is fine, the bytes are dropped; it answers false when the connection is broken
// or took only a part.
func tryWrite(conn net.Conn, b []byte) bool {
	fine := true
	ok := control(conn, func(fd int) {
		n, err := unix.Write(fd, b)
		fine = n == len(b) || err == unix.EAGAIN || err == unix.EINTR
	})
	return fine && ok
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
