package drill

import (
	"context"
	"io"
	"net"
	"sync"
)

// link stands between the replicas and a part that isn't ours to signal: it is cut and frozen instead.
type link struct {
	target   string // host:port
	address  string // ours
	mu       sync.Mutex
	listener net.Listener
	down     bool // cut
	conns    map[net.Conn]struct{}
	open     chan struct{} // closed while bytes may pass
}

func newLink(target string) (*link, error) {
	l := &link{target: target, address: "127.0.0.1:0", conns: map[net.Conn]struct{}{}, open: make(chan struct{})}
	close(l.open)
	return l, l.mend(context.Background())
}

// mend listens, again at the same address after a cut.
func (l *link) mend(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", l.address)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.listener, l.address, l.down = listener, listener.Addr().String(), false
	l.mu.Unlock()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // cut
			}
			go l.serve(conn)
		}
	}()
	return nil
}

// cut closes everything; who dials is refused.
func (l *link) cut() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	err := l.listener.Close()
	for conn := range l.conns {
		conn.Close()
	}
	return err
}

// freeze lets no byte pass until thaw; connections stay, and new ones are taken.
func (l *link) freeze() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = make(chan struct{})
	return nil
}

func (l *link) thaw(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.open)
	return nil
}

func (l *link) serve(near net.Conn) {
	far, err := net.Dial("tcp", l.target)
	if err != nil {
		near.Close()
		return
	}
	l.mu.Lock()
	l.conns[near], l.conns[far] = struct{}{}, struct{}{}
	if l.down { // meanwhile
		near.Close()
	}
	l.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Add(1)
		go func() {
			defer both.Done()
			l.pass(way[0], way[1])
			near.Close()
			far.Close()
		}()
	}
	both.Wait()
	l.mu.Lock()
	delete(l.conns, near)
	delete(l.conns, far)
	l.mu.Unlock()
}

// pass copies; what was read before a freeze waits too.
func (l *link) pass(from io.Reader, to io.Writer) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		l.mu.Lock()
		open := l.open
		l.mu.Unlock()
		<-open
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
