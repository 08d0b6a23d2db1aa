package integration

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"

	"parley/test/wait"
)

// descriptors returns the number of open files of the process.
func (p *process) descriptors() int {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(open)
}

// TestDescriptorExhaustion: a replica survives without free descriptors, and serves
// again when some are free. It runs alone: beside other tests its last wait timed out
// in two runs of four.
func TestDescriptorExhaustion(t *testing.T) {
	const limit = 256
	r := startProcess(t, newAddresses(t), envFiles, fmt.Sprint(limit))
	ada, _, conversation := r.signInFriends()
	ada.send(conversation, "before")
	address := r.host()
	var held []net.Conn
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()

	for range limit + 100 { // those above the limit stay in the kernel's queue
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
	}

	wait.Until(t, "no descriptor is free", func() bool { return r.descriptors() >= limit-1 })
	for _, c := range held {
		c.Close()
	}

	held = nil
	wait.Until(t, "the replica is ready", func() bool {
		res, err := http.Get(r.base + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})

	ada.send(conversation, "after")
	wait.Until(t, "both messages are stored", func() bool { return ada.read(conversation).Conversation.LastSeq == 2 })
	wait.Until(t, "the descriptors are free", func() bool { return r.descriptors() < limit/2 })
}
