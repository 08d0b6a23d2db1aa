package devservices

import (
	"fmt"
	"net"
)

// FreePort returns a port of 127.0.0.1 on which nothing listens: preferred, if it is free and
// not 0, or else one that the kernel chooses.
func FreePort(preferred int) (int, error) {
	if preferred > 0 {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", preferred)); err == nil {
			return preferred, l.Close()
		}
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}

	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
