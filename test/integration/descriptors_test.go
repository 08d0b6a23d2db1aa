package integration

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"parley/test/wait"
)

// descriptors are how many files a process has open.
func (p *process) descriptors() int {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(open)
}

// TestOutOfDescriptors: with none left a replica goes on, and serves again as soon as some come back.
func TestOutOfDescriptors(t *testing.T) {
	t.Parallel()
	const limit = 256
	r := startProcess(t, newAddresses(t), envFiles, fmt.Sprint(limit))
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	talk := ada.opens(bob)
	ada.sends(talk, "before")
	address := strings.TrimPrefix(r.base, "http://")
	var held []net.Conn
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()
	for range limit + 100 { // the rest waits in the kernel's queue
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
	}
	wait.Until(t, "none is left", func() bool { return r.descriptors() >= limit-1 })
	for _, c := range held {
		c.Close()
	}
	held = nil
	wait.Until(t, "it answers again", func() bool {
		res, err := http.Get(r.base + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	ada.sends(talk, "after")
	wait.Until(t, "both are stored", func() bool { return ada.reads(talk).Conversation.LastSeq == 2 })
	wait.Until(t, "the descriptors are back", func() bool { return r.descriptors() < limit/2 })
}
