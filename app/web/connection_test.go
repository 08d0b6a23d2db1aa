package web

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// slowPeer accepts writes of any size, and records them.
type slowPeer struct {
	net.Conn
	writes    []int
	deadlines []time.Time
}

func (p *slowPeer) Read([]byte) (int, error) { return 0, io.EOF }
func (p *slowPeer) Close() error             { return nil }

func (p *slowPeer) Write(b []byte) (int, error) {
	p.writes = append(p.writes, len(b))
	return len(b), nil
}

func (p *slowPeer) SetWriteDeadline(t time.Time) error {
	p.deadlines = append(p.deadlines, t)
	return nil
}

// TestAnswersAreReadWithinADeadline: each part of an answer has a deadline of its own, unless the
// handler set one for the whole, and none stays on the connection of a stream.
func TestAnswersAreReadWithinADeadline(t *testing.T) {
	answer := make([]byte, 2*writeChunk+1)
	peer := &slowPeer{}
	c := &connection{Conn: peer, release: func() {}}
	if n, err := c.Write(answer); n != len(answer) || err != nil {
		t.Fatal(n, err)
	}
	if len(peer.writes) != 3 || len(peer.deadlines) != 3 || time.Until(peer.deadlines[2]) < writeTimeout/2 {
		t.Errorf("writes %v, deadlines %v", peer.writes, peer.deadlines)
	}
	if c.detach(); !peer.deadlines[3].IsZero() {
		t.Error("the stream has a deadline")
	}

	peer = &slowPeer{}
	c = &connection{Conn: peer, release: func() {}}
	if err := c.SetWriteDeadline(time.Now().Add(exportTimeout)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(answer); err != nil || len(peer.deadlines) != 1 {
		t.Errorf("%v, deadlines %v", err, peer.deadlines)
	}
}

// TestAnswersAreReleased: the memory of an answer is held until it has been written, which the
// next use of the connection shows.
func TestAnswersAreReleased(t *testing.T) {
	for what, use := range map[string]func(c *connection) error{
		"next request": func(c *connection) error { _, err := c.Read(nil); return err },
		"end":          (*connection).Close,
	} {
		released := 0
		c := &connection{Conn: &slowPeer{}, release: func() {}}
		release := func() { released++ }
		c.unsent.Store(&release)
		if _, err := c.Write(nil); err != nil || released != 0 {
			t.Errorf("%s: %v, released %d times before it is written", what, err, released)
		}
		for range 2 {
			if err := use(c); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
		if released != 1 {
			t.Errorf("%s: released %d times", what, released)
		}
	}
}
