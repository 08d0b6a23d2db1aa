//go:build !linux

package sse

import (
	"net"
	"time"
)

func prepare(net.Conn) {}

// hungUp can't tell without reading; the write after the next finds it out.
func hungUp(net.Conn) bool { return false }

// writeNow waits at most a moment.
func writeNow(conn net.Conn, b []byte) bool {
	if err := conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		return false
	}
	_, err := conn.Write(b)
	return err == nil
}
