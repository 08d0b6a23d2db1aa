package integration

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"parley/test/wait"
)

// TestAddressesOfClients: behind a trusted proxy the client is the last address of all
// lines of X-Forwarded-For, however a client's own lines are placed, and the addresses of
// an IPv6 network are one client.
func TestAddressesOfClients(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "TRUSTED_PROXIES", "127.0.0.1,fe80::/10", "LIMIT_STREAMS_PER_ADDRESS", "1")
	for what, test := range map[string]struct {
		first, second string // lines of the head
		status        int    // of the second stream
	}{
		"two addresses": {"X-Forwarded-For: 192.0.2.1\r\n", "X-Forwarded-For: 192.0.2.2\r\n", 200},
		"spoofed line before the proxy's": {
			"X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 192.0.2.11\r\n",
			"X-Forwarded-For: 198.51.100.2\r\nX-Forwarded-For: 192.0.2.11\r\n",
			429,
		},
		"spoofed victim": {
			"X-Forwarded-For: 192.0.2.21\r\nX-Forwarded-For: 192.0.2.22\r\n",
			"X-Forwarded-For: 192.0.2.21\r\n",
			200,
		},
		"honest lines of two proxies": {
			"X-Forwarded-For: 192.0.2.31\r\nX-Forwarded-For: 127.0.0.1\r\n",
			"x-forwarded-for: 192.0.2.31, 127.0.0.1\r\n",
			429,
		},
		"lines with another between": {
			"X-Forwarded-For: 198.51.100.3\r\nAccept-Language: en\r\nX-FORWARDED-FOR: 192.0.2.41\r\n",
			"X-Forwarded-For: 192.0.2.41\r\n",
			429,
		},
		"ports": {
			"X-Forwarded-For: 192.0.2.61:1234\r\n", "X-Forwarded-For: 192.0.2.61:5678\r\n", 429,
		},
		"ports of two clients": {
			"X-Forwarded-For: 192.0.2.71:1234\r\n", "X-Forwarded-For: 192.0.2.72:1234\r\n", 200,
		},
		"IPv6 in brackets": {
			"X-Forwarded-For: [2001:db8:3:1::1]:1234\r\n", "X-Forwarded-For: [2001:db8:3:1::1]\r\n", 429,
		},
		"empty elements": {
			"X-Forwarded-For: 192.0.2.81,\r\nX-Forwarded-For:\r\n", "X-Forwarded-For: , 192.0.2.81\r\n", 429,
		},
		"empty elements of two clients": {
			"X-Forwarded-For: 192.0.2.91, \r\n", "X-Forwarded-For: 192.0.2.92,,\r\n", 200,
		},
		"one IPv6 network": {
			"X-Forwarded-For: 2001:db8:1:1::1\r\n", "X-Forwarded-For: 2001:db8:1:1:ffff::2\r\n", 429,
		},
		"two IPv6 networks": {
			"X-Forwarded-For: 2001:db8:2:1::1\r\n", "X-Forwarded-For: 2001:db8:2:2::1\r\n", 200,
		},
		"zone of a trusted proxy": {
			"X-Forwarded-For: 192.0.2.101, fe80::1%eth0\r\n", "X-Forwarded-For: 192.0.2.101\r\n", 429,
		},
		"zone and port of a trusted proxy": {
			"X-Forwarded-For: 192.0.2.111, [fe80::1%eth0]:1234\r\n", "X-Forwarded-For: 192.0.2.112, fe80::2%1\r\n", 200,
		},
		"one IPv4 address": {
			"X-Forwarded-For: 192.0.2.51\r\n", "X-Forwarded-For: ::ffff:192.0.2.51\r\n", 429,
		},
	} {
		token := r.signIn("Ada, " + what).token()
		if got := r.openStream(token, test.first); got != 200 {
			t.Errorf("%s: status %d of the first stream", what, got)
		}
		if got := r.openStream(token, test.second); got != test.status {
			t.Errorf("%s: status %d of the second stream, want %d", what, got, test.status)
		}
	}
}

// openStream opens a stream until the test ends, and returns its status.
func (r *instance) openStream(token, lines string) int {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.host())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })

	must(r.t, conn.SetDeadline(time.Now().Add(requestTimeout)))
	_, err = io.WriteString(conn, fmt.Sprintf("GET /events?format=json HTTP/1.1\r\nHost: x\r\n"+
		"Cookie: parley=%s\r\n%s\r\n", token, lines))
	must(r.t, err)

	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode
}

// TestConnectionsPerAddress: connections beyond the limit get 429, and their end makes
// place for others. Streams and connections of trusted proxies don't count.
func TestConnectionsPerAddress(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_CONNECTIONS_PER_ADDRESS", "10")
	ada := r.signIn("Ada")
	for range 12 {
		if got := r.openStream(ada.token(), ""); got != 200 {
			t.Fatalf("a stream: status %d", got)
		}
	}

	held := r.connections(20, "")
	rejected := 0
	for _, c := range held {
		must(t, c.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			continue
		}
		rejected++
		if res.StatusCode != 429 || res.Header.Get("Retry-After") == "" ||
			res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("status %d, headers %v", res.StatusCode, res.Header)
		}
	}
	if rejected < 10 || rejected > 15 { // Ada's browser has some connections
		t.Errorf("%d of 20 connections were rejected", rejected)
	}

	for _, c := range held {
		c.Close()
	}
	wait.Until(t, "the connections are free", func() bool {
		conn := r.connections(1, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")[0]
		defer conn.Close()
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		return err == nil && res.StatusCode == 200
	})

	// A connection still counts after an upload.
	upload := "--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"p\"\r\n\r\nno picture\r\n--x--\r\n"
	uploads := startReplica(t, "LIMIT_CONNECTIONS_PER_ADDRESS", "10", "LIMIT_UPLOADS", "0")
	bob := uploads.signIn("Bob")
	rejected = 0
	for range 20 {
		c := uploads.connections(1, fmt.Sprintf("POST /account/picture HTTP/1.1\r\nHost: x\r\nCookie: parley=%s\r\n"+
			"Accept: application/json\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n%s",
			bob.token(), len(upload), upload))[0]
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || res.StatusCode == 429 { // without an answer: it was cut off while it sent
			rejected++
		}
	}
	if rejected < 10 || rejected > 15 {
		t.Errorf("%d of 20 connections with an upload were rejected", rejected)
	}

	trusting := startReplica(t, "LIMIT_CONNECTIONS_PER_ADDRESS", "10", "TRUSTED_PROXIES", "127.0.0.1")
	trusting.connections(20, "")
	trusting.visitor().get("/healthz").expectStatus(200)
}
