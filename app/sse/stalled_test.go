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

// TestStalledReaders opens 200 streams that are never read. They are closed at the limit
// of their queues, and their memory is freed. Another stream of the same person receives
// every message.
func TestStalledReaders(t *testing.T) {
	const (
		stalled       = 200
		messages      = 400
		batch         = 40
		maxQueued     = 512 << 10
		maxHeapGrowth = 2 << 20
		socketBuffer  = 4 << 10 // so that the kernel buffers little
	)
	hub := newHub(t, sse.Limits{})
	ada := uuid.New()
	healthy := ssetest.Connect(t, hub, ssetest.StreamOf(ada))
	healthy.Expects("ready")
	for range stalled {
		s := ssetest.Connect(t, hub, ssetest.StreamOf(ada))
		s.Expects("ready")
		if err := s.Conn.(*net.TCPConn).SetReadBuffer(socketBuffer); err != nil {
			t.Fatal(err)
		}
	}

	for _, conn := range hub.Conns(ada) {
		if err := conn.(*net.TCPConn).SetWriteBuffer(socketBuffer); err != nil {
			t.Fatal(err)
		}
	}

	before := heapInUse()
	body := strings.Repeat("w", 8<<10)
	for n := 1; n <= messages; n++ {
		hub.Deliver(chat.Channel{Person: ada}, chat.MessageEvent{Message: message(body)})
		if n%batch == 0 {
			for range batch {
				healthy.Expects("message " + body + " own=false")
			}
			if longest := hub.LongestQueue(ada); longest > maxQueued || hub.Queued() < int64(longest) {
				t.Fatalf("%d bytes are queued, %d of them in one queue, want at most %d",
					hub.Queued(), longest, maxQueued)
			}
		}
	}

	wait.Until(t, "the stalled streams are closed", func() bool { return hub.Count() == 1 })
	if after := heapInUse(); after > before+maxHeapGrowth {
		t.Errorf("the heap grew by %d KiB, want at most %d", (after-before)>>10, maxHeapGrowth>>10)
	}

	hub.Deliver(chat.Channel{Person: ada}, chat.ResyncEvent{})
	healthy.Expects("resync")
	wait.Until(t, "no bytes count as queued", func() bool { return hub.Queued() == 0 })
	if n := hub.Stalled(); n != stalled {
		t.Errorf("%d streams count as stalled, want %d", n, stalled)
	}
}

// heapInUse collects all garbage first.
func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
