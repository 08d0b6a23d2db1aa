package integration

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestErrorsOfTheProtocol: programs get errors as problems wherever in a request they are
// found.
func TestErrorsOfTheProtocol(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "READ_TIMEOUT", "1")
	ada := r.signIn("Ada")
	post := "POST /account/profile HTTP/1.1\r\nHost: x\r\nCookie: parley=" + ada.token() + "\r\n" +
		"Accept: application/json; charset=utf-8\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for what, test := range map[string]struct {
		sent   string
		status int
	}{
		"expected body too large": {post + "Expect: 100-continue\r\nContent-Length: 100000000\r\n\r\n", 413},
		"body too large":          {post + "Content-Length: 100000000\r\n\r\n", 413},
		"upload too large": {
			"POST /account/picture HTTP/1.1\r\nHost: x\r\nCookie: parley=" + ada.token() + "\r\nAccept: application/json\r\n" +
				"Content-Type: multipart/form-data; boundary=x\r\nExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n",
			413,
		},
		"upload of another type": {
			"POST /account/picture HTTP/1.1\r\nHost: x\r\nCookie: parley=" + ada.token() + "\r\nAccept: application/json\r\n" +
				"Content-Type: application/octet-stream\r\nContent-Length: 5242880\r\n\r\n",
			415,
		},
		"upload from another site": {
			"POST /account/picture HTTP/1.1\r\nHost: x\r\nCookie: parley=" + ada.token() + "\r\nAccept: application/json\r\n" +
				"Sec-Fetch-Site: cross-site\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 5242880\r\n\r\n",
			403,
		},
		"other expectation":    {post + "Expect: tea\r\nContent-Length: 4\r\n\r\nname", 417},
		"two lengths":          {post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nname", 400},
		"unfinished body":      {post + "Content-Length: 40\r\n\r\nname", 408},
		"bare LF in the head":  {post + "X: y\nContent-Length: 4\r\n\r\nname", 400},
		"broken chunk":         {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
		"compressed body":      {post + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nname", 415},
		"unfinished head":      {post, 408},
		"head without a Host":  {"GET /healthz HTTP/1.1\r\nAccept: application/json\r\n\r\n", 400},
		"no HTTP":              {"hello\r\n\r\n", 400},
		"unknown method":       {"BREW / HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n", 400},
		"method in lower case": {"get /healthz HTTP/1.1\r\nHost: x\r\nAccept: application/problem+json\r\n\r\n", 400},
		"stream, signed out": {
			"GET /events?format=json HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n", 401,
		},
		"stream, signed out, no Accept": {"GET /events?format=json HTTP/1.1\r\nHost: x\r\n\r\n", 401},
		"stream, signed out, as a page": {
			"GET /events?format=json HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n", 401,
		},
	} {
		got := r.sendRaw(test.sent)
		var p struct{ Type, Title, Detail string }
		if got.status != test.status || got.header.Get("Content-Type") != "application/problem+json" ||
			json.Unmarshal([]byte(got.body), &p) != nil || p.Type == "" || p.Title == "" || p.Detail == "" {
			t.Errorf("%s: status %d, want %d; type %s: %.200s",
				what, got.status, test.status, got.header.Get("Content-Type"), got.body)
		}
	}
}

// TestCompressedBodies: a small body never becomes a large one.
func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	ada := sharedReplica(t).signIn("Ada")
	for _, coding := range []string{"gzip", "br", "deflate", "zstd", "identity, gzip", "GZIP"} {
		got := ada.do("POST", "/account/profile", strings.NewReader("{}"),
			"Content-Type", "application/json", "Content-Encoding", coding)
		got.expectStatus(415)
	}
	for _, lines := range []string{ // of which fasthttp reads the first, and Fiber the last
		"Content-Encoding: identity\r\nContent-Encoding: gzip\r\n",
		"Content-Encoding: gzip\r\nContent-Encoding: identity\r\n",
		"Content-Encoding:\r\ncontent-encoding: br\r\n",
	} {
		sharedReplica(t).sendRaw("POST /account/profile HTTP/1.1\r\nHost: x\r\nCookie: parley=" + ada.token() + "\r\n" +
			"Content-Type: application/json\r\n" + lines + "Content-Length: 2\r\n\r\n{}").expectStatus(415)
	}
	got := ada.do("POST", "/account/profile", strings.NewReader("{}"),
		"Content-Type", "application/json", "Content-Encoding", "identity")
	got.expectStatus(422)
}
