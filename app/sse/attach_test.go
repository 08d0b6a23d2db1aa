package sse_test

import (
	"io"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse"
)

// idleConn is a connection whose reads and writes cost nothing.
type idleConn struct{ net.Conn }

func (*idleConn) Write(b []byte) (int, error)      { return len(b), nil }
func (*idleConn) Read([]byte) (int, error)         { return 0, io.EOF }
func (*idleConn) Close() error                     { return nil }
func (*idleConn) SetWriteDeadline(time.Time) error { return nil }

// BenchmarkAttach opens streams of people who follow no conversation, and weighs the hub's
// part of each.
func BenchmarkAttach(b *testing.B) {
	hub := newHub(b, sse.Limits{})
	b.ReportAllocs()
	before := heapInUse()
	for b.Loop() {
		s := chat.Stream{Person: uuid.New(), Session: uuid.New(), Address: netip.MustParseAddr("127.0.0.1")}
		if err := hub.Reserve(s); err != nil {
			b.Fatal(err)
		}
		hub.Attach(&idleConn{}, s)
	}
	b.StopTimer()
	b.ReportMetric(float64(heapInUse()-before)/float64(hub.Count()), "B/stream")
	runtime.KeepAlive(hub)
}
