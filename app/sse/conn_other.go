//go:build !linux

package sse

import (
	"net"
	"time"
)

func setUserTimeout(net.Conn) {}

// hangups watches nothing. Heartbeats that can't be written detect the end.
type hangups struct{}

func newHangups() hangups             { return hangups{} }
func (*hangups) watch(net.Conn) int32 { return -1 }
func (*hangups) take() []int32        { return nil }
func (*hangups) close()               {}

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
