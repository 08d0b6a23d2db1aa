package live

import (
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestStalledReaders: 200 that stopped reading are closed at the bound of their queues and give all of it back; one that reads, of the same
// person, gets everything.
func TestStalledReaders(t *testing.T) {
	const stalled, news, together, bound = 200, 400, 40, 512 << 10
	r := newReplica(t, redisURL(t), Limits{})
	ada := uuid.New()
	healthy := r.connects(ada)
	healthy.expects("ready")
	for range stalled {
		s := r.connects(ada)
		s.expects("ready")
		if err := s.conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil { // so that the kernel keeps little of it
			t.Fatal(err)
		}
	}
	for _, st := range r.hub.streamsOf(ada) {
		if err := st.conn.(*net.TCPConn).SetWriteBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
	}
	before := heap()
	words := strings.Repeat("w", 8<<10)
	for n := 1; n <= news; n++ {
		r.hub.Deliver(ada, chat.MessageEvent{Message: message(uuid.New(), uuid.New(), int64(n), words)})
		if n%together == 0 {
			for range together {
				healthy.expects("message " + words + " own=false")
			}
			if most := r.longestQueue(ada); most > bound || r.hub.Queued() < int64(most) {
				t.Fatalf("%d KiB wait for one who doesn’t read", most>>10)
			}
		}
	}
	eventually(t, "the stalled ones are closed", func() bool { return r.hub.Count() == 1 })
	if after := heap(); after > before+2<<20 {
		t.Errorf("%d KiB are kept for readers who are gone", (after-before)>>10)
	}
	r.hub.Deliver(ada, chat.ResyncEvent{})
	healthy.expects("resync")
	eventually(t, "nothing is counted as queued", func() bool { return r.hub.Queued() == 0 })
	if n := r.hub.Stalled(); n != stalled {
		t.Errorf("%d readers are counted as stalled, of %d", n, stalled)
	}
}

// longestQueue is how many bytes wait for the slowest of a person's readers.
func (r *replica) longestQueue(person uuid.UUID) (most int) {
	for _, st := range r.hub.streamsOf(person) {
		st.mu.Lock()
		most = max(most, st.bytes)
		st.mu.Unlock()
	}
	return most
}

// heap is what is in use, once all garbage is collected.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
