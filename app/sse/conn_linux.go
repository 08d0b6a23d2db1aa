package sse

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// userTimeout is how long sent bytes may remain unacknowledged before the kernel closes
// the connection, in milliseconds.
// A page has noticed the silence by then, and opened another stream.
const userTimeout = 10_000

// setUserTimeout ignores errors, because heartbeats detect a broken connection too,
// though later.
func setUserTimeout(conn net.Conn) {
	control(conn, func(fd int) {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, userTimeout)
	})
}

// hangups tells which connections their clients have closed, without a look at each: the
// kernel collects them. The zero descriptor of a failed newHangups watches nothing; then
// heartbeats that can't be written detect the end, though later.
type hangups struct {
	epoll int
	ready []unix.EpollEvent
}

func newHangups() hangups {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return hangups{epoll: -1}
	}
	return hangups{epoll, make([]unix.EpollEvent, 128)}
}

// watch reports the end of a connection to take, once, until the connection is closed. It
// returns the descriptor, or -1 if it can't be watched.
func (h *hangups) watch(conn net.Conn) int32 {
	watched := int32(-1)
	control(conn, func(fd int) {
		e := unix.EpollEvent{Events: unix.EPOLLRDHUP | unix.EPOLLET, Fd: int32(fd)}
		if unix.EpollCtl(h.epoll, unix.EPOLL_CTL_ADD, fd, &e) == nil {
			watched = e.Fd
		}
	})
	return watched
}

// take returns the descriptors of connections that have ended since the last call. It is
// for one goroutine.
func (h *hangups) take() (fds []int32) {
	for {
		n, err := unix.EpollWait(h.epoll, h.ready, 0)
		if err != nil || n <= 0 {
			return fds
		}
		for _, e := range h.ready[:n] {
			fds = append(fds, e.Fd)
		}
		if n < len(h.ready) {
			return fds
		}
	}
}

// close ends the watching of all connections.
func (h *hangups) close() {
	if h.epoll >= 0 {
		unix.Close(h.epoll)
		h.epoll = -1
	}
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
