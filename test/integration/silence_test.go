package integration

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// gate lets connections through to a part, until it is shut: then those there are break, and new ones are refused.
type gate struct {
	t      *testing.T
	target string
	addr   string
	mu     sync.Mutex
	listen net.Listener
	conns  map[net.Conn]bool
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	g := &gate{t: t, target: target, addr: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	g.open()
	t.Cleanup(g.shut)
	return g
}

// gateOf puts a gate before a database, and names the way through it.
func gateOf(t *testing.T, database string) (*gate, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(t, u.Host)
	u.Host = g.addr
	return g, u.String()
}

func (g *gate) open() {
	g.t.Helper()
	l, err := net.Listen("tcp", g.addr)
	if err != nil {
		g.t.Fatal(err)
	}
	g.listen, g.addr = l, l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(conn)
		}
	}()
}

func (g *gate) shut() {
	g.listen.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	for conn := range g.conns {
		conn.Close()
	}
	clear(g.conns)
}

func (g *gate) pass(conn net.Conn) {
	defer conn.Close()
	through, err := net.Dial("tcp", g.target)
	if err != nil {
		return
	}
	defer through.Close()
	g.mu.Lock()
	g.conns[conn], g.conns[through] = true, true
	g.mu.Unlock()
	go func() { _, _ = io.Copy(through, conn); through.Close() }()
	_, _ = io.Copy(conn, through)
}

// TestServedWithoutPostgres: while it is away, a replica that never saw a person lets them send and read what waits, and nobody whose session ended,
// or whom it doesn't know.
func TestServedWithoutPostgres(t *testing.T) {
	t.Parallel()
	one := startReplica(t)
	behind := one.at
	var postgres *gate
	postgres, behind.DatabaseURL = gateOf(t, one.at.DatabaseURL)
	two := startReplicaAt(t, behind)
	ada, bob := one.signIn("Ada"), one.signIn("Bob")
	talk := ada.opens(bob)
	left := ada.at(one, iphone)
	left.get("/account").is(200)
	ada.sends(talk, "known on the first replica")
	ada.post("/account/sessions/revoke-others", nil).is(204)
	stranger := one.signIn("Eve") // who never came back after signing in

	postgres.shut()
	there := ada.elsewhere(two)
	sent := there.sends(talk, "without Postgres")
	page := there.reads(talk)
	if page.Complete || len(page.Pending) == 0 || page.Pending[len(page.Pending)-1].ID != sent.ID {
		t.Errorf("the page is %+v", page)
	}
	again := url.Values{"body": {"hi"}, "client_id": {chat.NewID().String()}}
	for who, p := range map[string]*person{"whose session ended": left, "who isn't known": stranger} {
		if got := p.elsewhere(two).post(talk+"/messages", again); got.status != 503 || got.header.Get("Retry-After") == "" {
			t.Errorf("one %s is answered %d, %v", who, got.status, got.header)
		}
	}
	if got := there.get("/conversations/" + uuid.NewString()); got.status != 503 {
		t.Errorf("a conversation that isn't known: %d", got.status)
	}

	postgres.open()
	wait.Until(t, "all is stored, once", func() bool {
		got := there.get(talk)
		return got.status == 200 && len(there.reads(talk).Messages) == 2 && len(there.reads(talk).Pending) == 0
	})
}

// TestUnheardChange: a friendship that ended without a word leaves the caches by the next check.
func TestUnheardChange(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	talk := ada.opens(bob)
	ada.sends(talk, "cached")
	ada.listens()
	r.sql("DELETE FROM friendships")
	ada.sends(talk, "still cached")
	r.replica.RecheckMemberships(t.Context())
	body := url.Values{"body": {"hi"}, "client_id": {chat.NewID().String()}}
	if got := ada.post(talk+"/messages", body); got.status != 403 {
		t.Errorf("afterwards: %d", got.status)
	}
}
