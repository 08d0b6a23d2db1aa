package integration

import (
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"sync"
	"testing"

	"parley/app/status"
	"parley/test/services"
)

// startService starts a dependency of the test's own, which may be paused or killed.
func startService(t *testing.T, create func(dir string) *services.Service) *services.Service {
	t.Helper()
	dir, err := os.MkdirTemp("", "parley-integration-")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { os.RemoveAll(dir) })
	s := create(dir)

	must(t, s.Start(context.Background()))
	t.Cleanup(s.Kill)
	return s
}

// dependency returns the replica's view of a dependency.
func (r *instance) dependency(name string) status.Dependency {
	for _, d := range r.replica.Dependencies() {
		if d.Name == name {
			return d
		}
	}
	r.t.Fatalf("no dependency %s", name)
	return status.Dependency{}
}

// proxy passes TCP connections on to a dependency while it is open. Closing it
// breaks its connections and refuses new ones.
type proxy struct {
	t        *testing.T
	target   string
	address  string
	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
}

// newProxy opens a proxy in front of the host of a URL, and returns the URL that
// leads through the proxy.
func newProxy(t *testing.T, target string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}

	p := &proxy{t: t, target: u.Host, address: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	p.open()
	t.Cleanup(p.close)
	u.Host = p.address
	return p, u.String()
}

// open listens at the same address as before.
func (p *proxy) open() {
	p.t.Helper()
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}

	p.listener, p.address = l, l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.forward(conn)
		}
	}()
}

func (p *proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		conn.Close()
	}
	clear(p.conns)
}

func (p *proxy) forward(conn net.Conn) {
	defer conn.Close()
	upstream, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer upstream.Close()
	p.mu.Lock()
	p.conns[conn], p.conns[upstream] = true, true
	p.mu.Unlock()
	go func() { _, _ = io.Copy(upstream, conn); upstream.Close() }()
	_, _ = io.Copy(conn, upstream)
}
