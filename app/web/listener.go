package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"parley/app/limit"
)

const (
	rejectTimeout  = 100 * time.Millisecond // of the answer to a connection beyond the limit
	rejectLogPause = time.Minute            // between two lines about such connections

	// writeBuffer is what the kernel keeps of an answer that its client does not read; Linux
	// doubles it, and would otherwise keep up to 4 MiB for each connection.
	writeBuffer = 64 << 10 // bytes
)

// listener survives a lack of file descriptors, and rejects connections beyond the
// limit of their address. Its connections are of type *connection.
type listener struct {
	net.Listener
	perNetwork *limit.Shares[netip.Prefix]
	isExempt   func(peer netip.Addr) bool // from perNetwork
	logger     *slog.Logger

	lastLog atomic.Int64 // Unix nanoseconds
}

// Accept returns the next connection within the limits.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.retry()
		if err != nil {
			return conn, err
		}
		if counted := l.count(conn); counted != nil {
			return counted, nil
		}
		l.reject(conn)
	}
}

// retry accepts a connection. While there are no file descriptors it retries, instead of
// returning an error that would end the server. The wait doubles from 5 ms to 1 s.
func (l *listener) retry() (net.Conn, error) {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		conn, err := l.Listener.Accept()
		if err == nil || !isTemporary(err) {
			return conn, err
		}
		time.Sleep(wait)
	}
}

// count counts a connection for its address until it is closed, or detached for a stream,
// which the hub counts. It returns nil at the limit.
func (l *listener) count(conn net.Conn) *connection {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(writeBuffer) // fails if the connection is closed already
	}

	peer := hostOf(conn.RemoteAddr())
	if !peer.IsValid() || l.isExempt(peer) {
		return &connection{Conn: conn, release: func() {}}
	}

	network := limit.Network(peer)
	if !l.perNetwork.TryAcquire(network, 1) {
		return nil
	}
	return &connection{Conn: conn, release: sync.OnceFunc(func() { l.perNetwork.Release(network, 1) })}
}

// reject answers 429 and closes the connection.
func (l *listener) reject(conn net.Conn) {
	if now, last := time.Now().UnixNano(), l.lastLog.Load(); now-last > int64(rejectLogPause) &&
		l.lastLog.CompareAndSwap(last, now) {
		l.logger.Warn("connections rejected: too many from one address; a proxy belongs in TRUSTED_PROXIES, "+
			"LIMIT_CONNECTIONS_PER_ADDRESS is the limit", "address", conn.RemoteAddr().String())
	}

	_ = conn.SetWriteDeadline(time.Now().Add(rejectTimeout))
	_, _ = conn.Write(tooManyConnections) // an error changes nothing: the connection is closed next
	_ = conn.Close()
}

// tooManyConnections is the answer to a connection beyond the limit.
var tooManyConnections = func() []byte {
	body := `{"type":"too-fast","title":"A moment, please","status":429,` +
		`"detail":"Your network has too many connections open here. Close some, or try again in a moment."}`
	return fmt.Appendf(nil, "HTTP/1.1 429 Too Many Requests\r\nContent-Type: %s\r\nCache-Control: no-store\r\n"+
		"Retry-After: %d\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s",
		problemType, defaultRetryAfter, len(body), body)
}()

// hostOf returns the IP address of one end of a connection; the zero Addr without one.
func hostOf(a net.Addr) netip.Addr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap()
}

func isTemporary(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.ENOBUFS)
}
