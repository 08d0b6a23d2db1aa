package sse_test

import (
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse"
	"parley/app/sse/ssetest"
	"parley/test/wait"
)

// TestStalledReaders: 200 that stopped reading are closed at the bound of their queues and give all of it back; one that reads, of the same
// person, gets everything.
func TestStalledReaders(t *testing.T) {
	const stalled, news, together, bound = 200, 400, 40, 512 << 10
	hub := newHub(t, sse.Limits{})
	ada := uuid.New()
	healthy := ssetest.Connect(t, hub, ssetest.StreamOf(ada))
	healthy.Expects("ready")
	for range stalled {
		s := ssetest.Connect(t, hub, ssetest.StreamOf(ada))
		s.Expects("ready")
		if err := s.Conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil { // so that the kernel keeps little of it
			t.Fatal(err)
		}
	}
	for _, conn := range hub.Conns(ada) {
		if err := conn.(*net.TCPConn).SetWriteBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
	}
	before := heap()
	words := strings.Repeat("w", 8<<10)
	for n := 1; n <= news; n++ {
		hub.Deliver(ada, chat.MessageEvent{Message: message(words)})
		if n%together == 0 {
			for range together {
				healthy.Expects("message " + words + " own=false")
			}
			if most := hub.LongestQueue(ada); most > bound || hub.Queued() < int64(most) {
				t.Fatalf("%d KiB wait for one who doesn’t read", most>>10)
			}
		}
	}
	wait.Until(t, "the stalled ones are closed", func() bool { return hub.Count() == 1 })
	if after := heap(); after > before+2<<20 {
		t.Errorf("%d KiB are kept for readers who are gone", (after-before)>>10)
	}
	hub.Deliver(ada, chat.ResyncEvent{})
	healthy.Expects("resync")
	wait.Until(t, "nothing is counted as queued", func() bool { return hub.Queued() == 0 })
	if n := hub.Stalled(); n != stalled {
		t.Errorf("%d readers are counted as stalled, of %d", n, stalled)
	}
}

// heap is what is in use, once all garbage is collected.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
