//go:build !linux

package devservices

import "net"

// isOwnPeer accepts everybody: only Linux tells whose a connection is.
func isOwnPeer(net.Conn) bool { return true }
