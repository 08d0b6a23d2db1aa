package web

import (
	"errors"
	"net"
	"syscall"
	"time"
)

// retryingListener survives a lack of file descriptors: Accept retries until some
// are free, instead of returning an error that would end the server. Its connections
// are drainOnClose.
type retryingListener struct{ net.Listener }

// Accept returns the next connection. The wait between retries doubles from 5 ms to 1 s.
func (l retryingListener) Accept() (net.Conn, error) {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		conn, err := l.Listener.Accept()
		if err == nil {
			return &drainOnClose{Conn: conn}, nil
		}
		if !isTemporary(err) {
			return conn, err
		}
		time.Sleep(wait)
	}
}

func isTemporary(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.ENOBUFS)
}
