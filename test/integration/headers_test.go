package integration

import (
	"net/http"
	"strings"
	"testing"
)

// protection is on every answer, whatever it is.
var protection = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

// protects looks at an answer's headers.
func checkHeaders(t *testing.T, what string, h http.Header, https bool) {
	t.Helper()
	for name, want := range protection {
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

// TestHeaders: every route, as a page, a fragment and JSON, signed in and out, with https and without.
func TestHeaders(t *testing.T) {
	t.Parallel()
	plain := sharedReplica(t)
	secure := startReplica(t, "PUBLIC_URL", "https://chat.example.org")
	ada, bob := plain.signIn("Ada"), plain.signIn("Bob")
	conversation := strings.TrimPrefix(ada.openConversation(bob), "/conversations/")
	kinds := map[string][]string{"page": {"Accept", "text/html"}, "fragment": {"Accept", "text/html", "HX-Request", "true"}, "JSON": {"Accept", "application/json"}}
	for _, row := range accessRules {
		for kind, headers := range kinds {
			what := row.route + ", a " + kind
			checkHeaders(t, what+", with https", secure.visitor().request(row.route, row.form, conversation, headers...).header, true)
			checkHeaders(t, what+", signed out", plain.visitor().request(row.route, row.form, conversation, headers...).header, false)
			if row.route != "POST /signout" {
				checkHeaders(t, what, ada.request(row.route, row.form, conversation, headers...).header, false)
			}
		}
	}

	for what, got := range map[string]reply{
		"a file":             ada.get("/static/" + staticFile(t, ada)),
		"nothing":            ada.get("/nowhere"),
		"a method":           ada.do("DELETE", "/conversations", nil),
		"OPTIONS":            ada.do("OPTIONS", "/conversations", nil),
		"HEAD":               ada.do("HEAD", "/conversations", nil),
		"too much":           ada.do("POST", "/requests", strings.NewReader(strings.Repeat("x", 1<<20)), "Content-Type", "application/x-www-form-urlencoded"),
		"another kind":       ada.do("POST", "/requests", strings.NewReader("x"), "Content-Type", "text/plain"),
		"another site":       ada.post("/requests", nil, "Sec-Fetch-Site", "cross-site"),
		"signed out stream":  plain.visitor().browse("/events"),
		"an error of ours":   ada.get("/gallery/errors/500"),
		"compressed":         ada.browse("/conversations", "Accept-Encoding", "gzip"),
		"an unknown method":  plain.sendRaw("FROB / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"a head too long":    plain.sendRaw("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 20<<10) + "\r\n\r\n"),
		"what is no request": plain.sendRaw("hello\r\n\r\n"),
	} {
		checkHeaders(t, what, got.header, false)
	}
}

// TestOperatorsPagesAreNotPublic: whatever is asked at the address where people come, and whoever asks.
func TestOperatorsPagesAreNotPublic(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	for _, path := range []string{"/metrics", "/pipeline", "/metrics/", "/pipeline/", "/METRICS", "/Pipeline", "//metrics", "/./pipeline", "/x/../metrics", "/%6detrics", "/debug/pprof/", "/debug/vars"} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			for who, p := range map[string]*person{"somebody": ada, "a stranger": r.visitor()} {
				if got := p.do(method, path, nil, "X-Forwarded-For", "127.0.0.1"); got.status != 404 {
					t.Errorf("%s %s by %s: status %d", method, path, who, got.status)
				}
			}
		}
	}
}

// staticFile is the first that a page names.
func staticFile(t *testing.T, p *person) string {
	t.Helper()
	_, rest, _ := strings.Cut(p.browse("/conversations").body, `href="/static/`)
	name, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("the page names no stylesheet")
	}
	return name
}
