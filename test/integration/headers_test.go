package integration

import (
	"net/http"
	"path"
	"strings"
	"testing"
)

// securityHeaders are on every response.
var securityHeaders = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

// checkHeaders checks the security headers of a response.
func checkHeaders(t *testing.T, what string, h http.Header, https bool) {
	t.Helper()
	for name, want := range securityHeaders {
		if name == "Referrer-Policy" && h.Get("X-Robots-Tag") == "noindex" { // the address is a secret
			want = "no-referrer"
		}
		if got := h.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: header %s: %q", what, name, got)
		}
	}

	csp := h.Values("Content-Security-Policy")
	if len(csp) != 1 || !strings.HasPrefix(csp[0], "default-src 'none'; ") ||
		!strings.Contains(csp[0], "frame-ancestors 'none'") || strings.Contains(csp[0], "unsafe") ||
		strings.Contains(csp[0], "*") {
		t.Errorf("%s: Content-Security-Policy is %q", what, csp)
	}

	for _, feature := range []string{"camera=()", "microphone=()", "geolocation=()"} {
		if !strings.Contains(h.Get("Permissions-Policy"), feature) {
			t.Errorf("%s: Permissions-Policy is %q", what, h.Get("Permissions-Policy"))
		}
	}

	for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
		if got, ok := h[name]; ok {
			t.Errorf("%s: header %s: %q", what, name, got)
		}
	}

	if got := h.Get("Strict-Transport-Security"); (got == "max-age=31536000") != https || !https && got != "" {
		t.Errorf("%s: Strict-Transport-Security is %q", what, got)
	}
}

// TestSecurityHeaders checks every route as a page, a fragment and JSON, signed in
// and out, with HTTPS and without.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	plain := sharedReplica(t)
	secure := startReplica(t, "PUBLIC_URL", "https://chat.example.org", "DEV_SIGNIN", "auto")
	ada, bob := plain.signIn("Ada"), plain.signIn("Bob")
	conversation := path.Base(ada.openConversation(bob))
	kinds := map[string][]string{
		"page":     {"Accept", "text/html"},
		"fragment": htmx,
		"JSON":     {"Accept", "application/json"},
	}
	for _, row := range accessRules {
		for kind, headers := range kinds {
			what := row.route + ", " + kind
			check := func(how string, p *person, https bool) {
				checkHeaders(t, what+how, p.request(row.route, row.form, conversation, headers...).header, https)
			}
			check(", with HTTPS", secure.visitor(), true)
			check(", signed out", plain.visitor(), false)
			if row.route != "POST /signout" {
				check("", ada, false)
			}
		}
	}

	post := func(body, contentType string) reply {
		return ada.do("POST", "/requests", strings.NewReader(body), "Content-Type", contentType)
	}
	for what, got := range map[string]reply{
		"a file":            ada.get("/static/" + staticFile(t, ada)),
		"unknown path":      ada.get("/nowhere"),
		"method":            ada.do("DELETE", "/conversations", nil),
		"OPTIONS":           ada.do("OPTIONS", "/conversations", nil),
		"HEAD":              ada.do("HEAD", "/conversations", nil),
		"body too large":    post(strings.Repeat("x", 1<<20), "application/x-www-form-urlencoded"),
		"another type":      post("x", "text/plain"),
		"another site":      ada.post("/requests", nil, "Sec-Fetch-Site", "cross-site"),
		"signed out stream": plain.visitor().browse("/events"),
		"internal error":    ada.get("/gallery/errors/500"),
		"compressed":        ada.browse("/conversations", "Accept-Encoding", "gzip"),
		"an unknown method": plain.sendRaw("FROB / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"head too large":    plain.sendRaw("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + long + "\r\n\r\n"),
		"malformed request": plain.sendRaw("hello\r\n\r\n"),
	} {
		checkHeaders(t, what, got.header, false)
	}
}

// TestOperatorsPagesAreNotPublic: the listener for people has none of the pages for
// operators, under any spelling of their paths.
func TestOperatorsPagesAreNotPublic(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	for _, path := range []string{
		"/metrics", "/metrics/", "/METRICS", "//metrics", "/x/../metrics", "/%6detrics",
		"/pipeline", "/pipeline/", "/Pipeline", "/./pipeline",
		"/debug/pprof/", "/debug/vars",
	} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			for _, p := range []*person{ada, r.visitor()} {
				p.do(method, path, nil, "X-Forwarded-For", "127.0.0.1").expectStatus(404)
			}
		}
	}
}

// staticFile returns the first file that a page names.
func staticFile(t *testing.T, p *person) string {
	t.Helper()
	_, rest, _ := strings.Cut(p.browse("/conversations").body, `href="/static/`)
	name, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("the page names no stylesheet")
	}
	return name
}
