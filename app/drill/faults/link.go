package faults

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Link is a TCP proxy in front of a server. It keeps its address for its whole
// life, and can be cut, slowed, silenced and frozen. Open must be called first.
// Its methods are safe for concurrent use.
type Link struct {
	// Address is where clients connect: host:port.
	Address string
	// Target is the server's host:port. It is set before Open.
	Target string

	mu       sync.Mutex   // guards the fields below
	listener net.Listener // nil while the link is cut
	conns    map[net.Conn]struct{}
	gate     chan struct{} // closed while bytes may pass
}

// mode is how connections are treated that were accepted since the last change.
type mode struct {
	delay   time.Duration // the longest; bytes wait for a third of it at least
	discard bool          // what is read is not passed on
}

// NewLink reserves an address on this machine.
func NewLink() (*Link, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}

	link := &Link{Address: l.Addr().String(), conns: map[net.Conn]struct{}{}, gate: make(chan struct{})}
	close(link.gate)
	return link, l.Close()
}

// Open closes all connections, and lets everything through from now on.
func (l *Link) Open() error { return l.change(mode{}) }

// Slow closes all connections, and delays whatever passes from now on: in each
// direction by a third of max to all of it.
func (l *Link) Slow(max time.Duration) error { return l.change(mode{delay: max}) }

// Silence closes all connections. New ones are accepted, but no byte passes.
func (l *Link) Silence() error { return l.change(mode{discard: true}) }

// Cut closes all connections and refuses new ones.
func (l *Link) Cut() error {
	l.mu.Lock()
	defer l.mu.Unlock()

	for conn := range l.conns {
		conn.Close()
	}

	if l.listener == nil {
		return nil
	}

	err := l.listener.Close()
	l.listener = nil
	return err
}

// Freeze holds back every byte until Thaw. Connections stay open, and new ones
// are accepted.
func (l *Link) Freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gate = make(chan struct{})
}

// Thaw ends a Freeze: the bytes that were held back pass.
func (l *Link) Thaw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.gate)
}

func (l *Link) change(m mode) error {
	if err := l.Cut(); err != nil {
		return err
	}

	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", l.Address)
	if err != nil {
		return err
	}

	l.mu.Lock()
	l.listener = listener
	l.mu.Unlock()
	go l.accept(listener, m)
	return nil
}

func (l *Link) accept(listener net.Listener, m mode) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // cut
		}

		go l.serve(conn, listener, m)
	}
}

// serve connects a client to the server until either closes the connection, or
// the link changes.
func (l *Link) serve(client net.Conn, listener net.Listener, m mode) {
	defer client.Close()

	server, err := net.Dial("tcp", l.Target)
	if err != nil {
		return
	}
	defer server.Close()

	if !l.add(listener, client, server) {
		return
	}

	defer l.remove(client, server)

	ended := make(chan struct{}, 2)

	for _, direction := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			l.pass(direction[0], direction[1], m)
			ended <- struct{}{}
		}()
	}

	<-ended
}

// add reports whether the link is still what it was when it accepted.
func (l *Link) add(listener net.Listener, conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.listener != listener {
		return false
	}

	for _, conn := range conns {
		l.conns[conn] = struct{}{}
	}

	return true
}

func (l *Link) remove(conns ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()

	for _, conn := range conns {
		delete(l.conns, conn)
	}
}

// chunk is what one read returned, and when it may pass.
type chunk struct {
	bytes []byte
	due   time.Time
}

// pass copies from one connection to the other. Delayed bytes queue, so that a
// delay costs latency and no throughput.
func (l *Link) pass(from, to net.Conn, m mode) {
	queue := make(chan chunk, 1024)
	go read(from, queue, m)

	for c := range queue {
		time.Sleep(time.Until(c.due))
		<-l.passable()

		if _, err := to.Write(c.bytes); err != nil {
			from.Close() // ends read, and with it the queue
		}
	}
}

func read(from net.Conn, queue chan<- chunk, m mode) {
	defer close(queue)

	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !m.discard {
			queue <- chunk{bytes.Clone(buffer[:n]), time.Now().Add(m.wait())}
		}

		if err != nil {
			return
		}
	}
}

func (m mode) wait() time.Duration {
	if m.delay == 0 {
		return 0
	}

	return m.delay/3 + rand.N(m.delay*2/3) // #nosec G404 -- a delay, not a secret
}

func (l *Link) passable() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gate
}
