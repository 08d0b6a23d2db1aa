package devservices

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestKafkaIsClosedToOthers: the listener of kfake closes another user's connection.
func TestKafkaIsClosedToOthers(t *testing.T) {
	l, err := newDisconnector().listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()

	accepted := make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()

	// The other user's first, so that it would be the first to be accepted.
	if os.Getuid() == 0 {
		port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		cmd := exec.Command("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/"+port+"; read -r -t 10 -u 3; echo $?")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		cmd.Dir = "/"
		if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "1" { // the end, no timeout
			t.Errorf("connection of another user: %s, %v", out, err)
		}
	} else {
		t.Log("NOT TESTED: only root can connect as another user")
	}

	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	if got := <-accepted; got.RemoteAddr().String() != conn.LocalAddr().String() {
		t.Errorf("accepted %v, want %v", got.RemoteAddr(), conn.LocalAddr())
	}
}

// TestSocketOwner: a socket that has no owner any more is nobody's.
func TestSocketOwner(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1388 0100007F:2384 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1
   1: 0100007F:1389 0100007F:2384 06 00000000:00000000 03:0000027B 00000000     0        0 0 3
   2: 0100007F:138A 0100007F:2384 01 00000000:00000000 00:00000000 00000000     0        0 0 1
   3: 0000000000000000FFFF00000100007F:138B 0000000000000000FFFF00000100007F:2384 01 0:0 00:0 0  7  0 4712 1
`
	for local, want := range map[string]int{
		"0100007F:1388": 1000,
		"0100007F:1389": -1,
		"0100007F:138A": -1,
		"0100007F:138B": 7,
		"0200007F:1388": -1,
	} {
		uid, found := socketOwner(table, local, "0100007F:2384")
		if found != (want >= 0) || found && uid != want {
			t.Errorf("%s: got %d, %v, want %d", local, uid, found, want)
		}
	}
}
