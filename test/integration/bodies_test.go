package integration

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/test/wait"
)

// residentBytes is the memory of the process.
func (p *process) residentBytes() int {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	if err != nil {
		p.t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// connections opens n connections that each send the same bytes, and closes them with the
// test.
func (r *instance) connections(n int, sent string) (all []net.Conn) {
	r.t.Helper()
	r.t.Cleanup(func() {
		for _, c := range all {
			c.Close()
		}
	})
	for range n {
		conn, err := net.Dial("tcp", r.host())
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, conn)
		must(r.t, conn.SetDeadline(time.Now().Add(requestTimeout)))
		if _, err := io.WriteString(conn, sent); err != nil {
			r.t.Fatal(err)
		}
	}
	return all
}

// expectMemory checks that the process has grown by less than limit MB since it had
// before bytes, and that it serves others.
func (p *process) expectMemory(what string, before, limit int) {
	p.t.Helper()
	p.visitor().get("/healthz").expectStatus(200)
	grown := (p.residentBytes() - before) >> 20
	p.t.Logf("%s: %d MB", what, grown)
	if grown >= limit {
		p.t.Errorf("%s: the replica's memory grew by %d MB, want less than %d", what, grown, limit)
	}
}

// TestAnnouncedBodies: a body takes memory only as its bytes arrive, and the third upload
// of a person is rejected before its body arrives.
func TestAnnouncedBodies(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		count, limit int
		path, size   string
		signedIn     bool
	}{
		"uploads":          {200, 32, "/account/picture", "Content-Length: 5242880", true},
		"chunked uploads":  {200, 32, "/account/picture", "Transfer-Encoding: chunked", true},
		"strangers' forms": {2000, 64, "/signin/dev", "Content-Length: 65536", false},
		"forms":            {2000, 64, "/account/profile", "Content-Length: 65536", true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := startProcess(t, newAddresses(t))
			token := ""
			if test.signedIn {
				token = p.signIn("Ada").token()
			}

			kind := "application/x-www-form-urlencoded"
			if test.path == "/account/picture" {
				kind = "multipart/form-data; boundary=x"
			}

			// Warm up, so that only the bodies are measured.
			for _, c := range p.connections(64, "GET /signin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") {
				_, _ = io.Copy(io.Discard, c)
			}

			before := p.residentBytes()
			all := p.connections(test.count, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nCookie: parley=%s\r\n"+
				"Accept: application/json\r\nContent-Type: %s\r\n%s\r\n\r\n", test.path, token, kind, test.size))
			p.expectMemory(what, before, test.limit)

			if test.path == "/account/picture" {
				expectRejections(t, all)
			}
		})
	}
}

// expectRejections expects that all uploads but two are rejected.
func expectRejections(t *testing.T, uploads []net.Conn) {
	t.Helper()
	var wg sync.WaitGroup
	var rejected atomic.Int64
	for _, c := range uploads {
		wg.Go(func() {
			_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				return
			}
			res.Body.Close()
			rejected.Add(1)
			if res.StatusCode != 429 || res.Header.Get("Retry-After") == "" ||
				res.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("status %d, headers %v", res.StatusCode, res.Header)
			}
		})
	}

	wg.Wait()
	if got := rejected.Load(); got != int64(len(uploads)-2) {
		t.Errorf("%d of %d uploads were rejected, want all but two", got, len(uploads))
	}
}

// TestArrivingBodies: bodies that never end are bounded for an address and a replica.
func TestArrivingBodies(t *testing.T) {
	t.Parallel()
	p := startProcess(t, newAddresses(t))
	ada := p.signIn("Ada")
	before := p.residentBytes()
	all := p.connections(2000, fmt.Sprintf("POST /account/profile HTTP/1.1\r\nHost: x\r\nCookie: parley=%s\r\n"+
		"Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 65536\r\n\r\n%s",
		ada.token(), strings.Repeat("x", 60<<10)))
	p.expectMemory("2,000 forms of 60 KB", before, 128)

	rejected := func(c net.Conn) bool {
		must(t, c.SetReadDeadline(time.Now().Add(time.Second)))
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		return err == nil && res.StatusCode == 429
	}
	if !rejected(all[len(all)-1]) {
		t.Error("the last of 2,000 unfinished bodies was not rejected")
	}

	for _, c := range all {
		c.Close()
	}
	wait.Until(t, "the memory of the bodies is free", func() bool {
		return ada.post("/account/profile", nil).status == 422
	})
}

// TestUnreadAnswers: answers that a person does not read take a bounded memory, at whatever
// route, and reading them makes place for others.
func TestUnreadAnswers(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"text/html", "application/json"} {
		t.Run(accept, func(t *testing.T) {
			t.Parallel()
			p := startProcess(t, newAddresses(t), "LIMIT_READS", "10000,10000")
			ada, bob := p.signIn("Ada"), p.signIn("Bob")
			conversation := ada.openConversation(bob)
			bodies := make([]string, 100)
			for i := range bodies {
				bodies[i] = fmt.Sprintf("%d %s", i, strings.Repeat("漢", 3900))
			}
			ada.sendStored(conversation, bodies...)

			page := conversation + "?limit=100"
			ada.get(page).expectStatus(200) // warms up
			before := p.residentBytes()
			all := p.connections(200, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: x\r\nCookie: parley=%s\r\nAccept: %s\r\n\r\n",
				page, ada.token(), accept))
			for _, c := range all { // the head of each answer
				must(t, c.SetReadDeadline(time.Now().Add(requestTimeout)))
				if _, err := c.Read(make([]byte, 1)); err != nil {
					t.Fatal(err)
				}
			}
			p.expectMemory("200 unread pages of 1.2 MB", before, 96)
			whole := []string{"Accept-Encoding", "identity"}
			if got := ada.get(page, whole...).status; got != 429 {
				t.Errorf("one more page: status %d", got)
			}
			if got := bob.get(page, whole...).status; got != 200 {
				t.Errorf("another person's page: status %d", got)
			}

			for _, c := range all {
				c.Close()
			}
			wait.Until(t, "the memory of the answers is free", func() bool {
				return ada.get(page, whole...).status == 200
			})
		})
	}
}
