package integration

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/test/openid"
	"parley/test/wait"
)

// TestFaultyProvider: a provider that is down, sends nonsense or denies the sign-in
// gives a page that says so, and no session.
func TestFaultyProvider(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	address := strings.TrimPrefix(strings.TrimSuffix(op.Issuer, "/oidc"), "http://")
	op.Stop()
	r := startReplica(t, op.Settings()...) // while the provider is down
	ada := r.visitor()
	expectUnavailable := func(what string, got reply) {
		t.Helper()
		if got.status != 503 || got.header.Get("Retry-After") == "" ||
			!strings.Contains(got.body, openid.Name+" isn’t answering") ||
			!strings.Contains(got.body, `href="/auth/oidc?next=%2Ffriends"`) {
			t.Errorf("%s: status %d: %s", what, got.status, got.body)
		}
	}

	expectUnavailable("down at the start", ada.browse("/auth/oidc?next=/friends"))
	if got := ada.get("/auth/oidc"); got.status != 503 || !strings.Contains(got.body, `"provider-away"`) {
		t.Errorf("JSON answer: status %d: %s", got.status, got.body)
	}

	op = openid.StartAt(t, address)
	wait.Until(t, "the provider is discovered without a restart", func() bool {
		return ada.browse("/auth/oidc").status == 303
	})

	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Welcome to the hotel</title>"))
	}

	answers := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(body))
		}
	}

	broken := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }
	for name, h := range map[string]http.HandlerFunc{
		"a page":      page,
		"nothing":     answers(""),
		"an array":    answers("[]"),
		"no id_token": answers(`{"access_token":"x","token_type":"bearer"}`),
		"a number":    answers(`{"access_token":"x","token_type":"bearer","id_token":7}`),
		"no token":    answers(`{"access_token":"x","token_type":"bearer","id_token":"a.b.c"}`),
		"another client": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(401)
			_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
		},
	} {
		callback := ada.startSignIn("")
		op.Override(openid.Token, h)
		ada.expectRejected("for a token: "+name, callback, 502, "no usable answer")
		op.Override(openid.Token, nil)
	}

	callback := ada.startSignIn("/friends")
	op.Override(openid.Token, broken)
	expectUnavailable("for a token: 500", ada.browse(callback))
	op.Override(openid.Token, nil)

	op.DenyNext()
	callback = ada.startSignIn("/friends")
	if got := ada.browse(callback); got.status != 403 || !strings.Contains(got.body, "You weren’t signed in") ||
		!strings.Contains(got.body, `href="/auth/oidc?next=%2Ffriends"`) {
		t.Errorf("sign-in denied by the person: status %d: %s", got.status, got.body)
	}

	for refusal, status := range map[string]int{"temporarily_unavailable": 503, "invalid_scope": 502, "<script>": 502} {
		callback := ada.startSignIn("")
		back, _ := url.Parse(callback)
		query := url.Values{"state": {back.Query().Get("state")}, "error": {refusal}}
		got := ada.browse("/auth/oidc/callback?" + query.Encode())
		if got.status != status || strings.Contains(got.body, "<script>") {
			t.Errorf("%s: status %d: %s", refusal, got.status, got.body)
		}
	}

	op.Override(openid.Keys, page)
	fresh := startReplica(t, op.Settings()...).visitor()
	fresh.expectRejected("keys that are a page", fresh.startSignIn(""), 502, "no usable answer")
	op.Override(openid.Keys, nil)
	op.QueueUser(openid.User{Subject: "thin", UserinfoOnly: true})
	callback = ada.startSignIn("/friends")
	op.Override(openid.Userinfo, answers(`{"sub":"somebody else","name":"Mallory"}`))
	ada.expectRejected("userinfo of another", callback, 502, "no usable answer")

	for name, document := range map[string]http.HandlerFunc{
		"a page":         page,
		"another issuer": answers(`{"issuer":"https://evil.example"}`),
		"no https": answers(`{"issuer":"` + op.Issuer + `","authorization_endpoint":"javascript:alert(1)",` +
			`"token_endpoint":"http://x/","jwks_uri":"http://x/"}`),
	} {
		op.Override(openid.Discovery, document)
		r := startReplica(t, op.Settings()...)
		if got := r.visitor().browse("/auth/oidc"); got.status != 502 ||
			!strings.Contains(got.body, "no usable answer") {
			t.Errorf("discovery document is %s: status %d: %s", name, got.status, got.body)
		}
	}
}
