package integration

import (
	"net"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parley/app/config"
	"parley/app/replica"
)

// TestListenersAreSeparate: the listeners for people and for operators share only
// the probes. The one for operators rejects foreign host names (DNS rebinding) and
// posts of other sites.
func TestListenersAreSeparate(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ops := r.operators
	ada := r.signIn("Ada")
	for _, path := range []string{
		"/metrics", "/pipeline", "/pipeline/events",
		"/pipeline/tables", "/pipeline/tables/users", "/pipeline/letters/0-0",
	} {
		if got := ada.get(path); got.status != 404 {
			t.Errorf("public listener: status %d at %s", got.status, path)
		}
	}

	for _, path := range []string{"/conversations", "/signin", "/events", "/account", "/gallery"} {
		got := ops.do("GET", path)
		got.expectStatus(404)
		checkHeaders(t, path, got.header, false)
	}

	ops.do("GET", "/").expectStatus(303)
	if got := ops.do("GET", "/metrics"); got.status != 200 || !strings.Contains(got.body, "\nparley_") {
		t.Errorf("metrics: status %d: %.200s", got.status, got.body)
	}

	for _, path := range []string{"/healthz", "/readyz"} {
		ops.do("GET", path).expectStatus(200)
		ada.get(path).expectStatus(200)
	}

	page := ops.do("GET", "/pipeline")
	for name, values := range ada.get("/conversations", "Accept", "text/html").header {
		if strings.HasPrefix(name, "Content-Security") || strings.HasPrefix(name, "Cross-Origin") ||
			name == "Permissions-Policy" || name == "Cache-Control" {
			if got := page.header.Get(name); got != values[0] {
				t.Errorf("header %s: %q, on people's pages %q", name, got, values[0])
			}
		}
	}

	ops.page("/pipeline").Find("link[rel=stylesheet], script[src]").Each(func(_ int, s *goquery.Selection) {
		file := s.AttrOr("href", s.AttrOr("src", ""))
		if got := ops.do("GET", file); got.status != 200 ||
			!strings.Contains(got.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d", file, got.status)
		}
	})

	_, port, _ := net.SplitHostPort(strings.TrimPrefix(ops.base, "http://"))
	for host, status := range map[string]int{
		"localhost:" + port:      200,
		"127.0.0.1":              200,
		"[::1]:" + port:          200,
		"evil.example:" + port:   421,
		"10.0.0.1:" + port:       421,
		"localhost.evil.example": 421,
	} {
		for _, path := range []string{"/pipeline/tables", "/healthz"} {
			if got := ops.do("GET", path, "Host", host); got.status != status {
				t.Errorf("%s with Host %s: status %d", path, host, got.status)
			}
		}
	}

	discard := "/pipeline/letters/0-0/discard"
	ops.do("POST", discard, "Sec-Fetch-Site", "cross-site").expectStatus(403)
	ops.do("POST", discard, "Origin", "http://evil.example").expectStatus(403)
}

// TestOperatorsPort: a configured port that is in use is an error that names a free
// one. Without configuration a free port is used.
func TestOperatorsPort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	cfg := config.Config{Host: "127.0.0.1", Port: port - 1000}
	l, err := replica.ListenForOperators(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := l.Addr().(*net.TCPAddr); got.Port == port || !got.IP.IsLoopback() {
		t.Errorf("listening at %s", got)
	}

	cfg.OpsAddr = taken.Addr().String()
	if _, err := replica.ListenForOperators(cfg); err == nil ||
		!strings.Contains(err.Error(), "write OPS_ADDR=127.0.0.1:") {
		t.Errorf("address in use: error %v", err)
	}
}
