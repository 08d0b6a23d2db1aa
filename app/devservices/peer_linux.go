package devservices

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// isOwnPeer reports whether the other side of a connection over 127.0.0.1 is a process of this
// user or of root. kfake wants no password, so its listener asks the kernel's table of sockets.
// A peer that has closed its connection already has no owner there, and is refused.
func isOwnPeer(conn net.Conn) bool {
	peer, ok1 := conn.RemoteAddr().(*net.TCPAddr)
	here, ok2 := conn.LocalAddr().(*net.TCPAddr)
	if !ok1 || !ok2 {
		return false
	}

	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		sockets, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		if uid, ok := socketOwner(string(sockets), socketAddress(peer), socketAddress(here)); ok {
			return uid == 0 || uid == os.Getuid()
		}
	}

	return false
}

// socketAddress is the end of an address in the kernel's tables, which for IPv4 in IPv6 begins
// with zeros.
func socketAddress(a *net.TCPAddr) string {
	ip := a.IP.To4()
	if ip == nil {
		return "no IPv4 address"
	}
	return fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(ip), a.Port)
}

// socketOwner finds the user of an established socket between two addresses. Its columns are:
// number, local, remote, state, queues, timer, retransmissions, uid, timeout, inode.
func socketOwner(table, local, remote string) (uid int, found bool) {
	const established = "01"
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != established || f[9] == "0" {
			continue
		}

		if strings.HasSuffix(f[1], local) && strings.HasSuffix(f[2], remote) {
			uid, err := strconv.Atoi(f[7])
			return uid, err == nil
		}
	}
	return 0, false
}
