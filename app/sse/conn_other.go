//go:build !linux

package sse

import (
	"net"
	"time"
)

func setUserTimeout(net.Conn) {}

// peerClosed cannot find out without reading. The write after the next one fails instead.
func peerClosed(net.Conn) bool { return false }

// tryWrite waits for at most 50 ms.
func tryWrite(conn net.Conn, b []byte) bool {
	if err := conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		return false
	}
	_, err := conn.Write(b)
	return err == nil
}
