package integration

import (
	"net/url"
	"strings"
	"testing"

	"parley/test/openid"
)

// expectRejected expects that a callback signs nobody in, and that the page explains
// why and links back.
func (p *person) expectRejected(what, callback string, status int, kind string) {
	p.t.Helper()
	got := p.browse(callback)
	if got.status != status || !strings.Contains(got.body, "Try again") ||
		!strings.Contains(got.body, `href="/auth/oidc`) || !strings.Contains(got.body, `href="/"`) {
		p.t.Errorf("%s: status %d, want %d: %s", what, got.status, status, got.body)
	}

	if strings.Contains(got.header.Get("Set-Cookie"), "parley=") {
		p.t.Errorf("%s: a session cookie was set: %s", what, got.header.Get("Set-Cookie"))
	}
	if p.token() == "" && p.signedIn() {
		p.t.Errorf("%s: the browser is signed in", what)
	}

	// The flow is over, which JSON clients get as a problem.
	program := p.get(strings.TrimPrefix(callback, p.base))
	if program.status != 400 || program.header.Get("Content-Type") != "application/problem+json" ||
		!strings.Contains(program.body, `"sign-in-stale"`) {
		p.t.Errorf("%s: JSON answer: status %d: %s", what, program.status, program.body)
	}

	if kind != "" && !strings.Contains(got.body, kind) {
		p.t.Errorf("%s: %q is missing on the page: %s", what, kind, got.body)
	}
}

// TestSignInAttacks replays, forges and mixes up the steps of a sign-in with an
// OpenID provider.
func TestSignInAttacks(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	one := startReplica(t, op.Settings()...)
	two := startReplicaAt(t, one.addresses, op.Settings()...)
	with := func(callback, name, value string) string {
		u, err := url.Parse(callback)
		if err != nil {
			t.Fatal(err)
		}

		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}

	code := func(callback string) string {
		u, _ := url.Parse(callback)
		return u.Query().Get("code")
	}

	t.Run("a replayed callback", func(t *testing.T) {
		ada := one.visitor()
		callback := ada.startSignIn("")
		kept := ada.cookie(flowCookie(callback))
		ada.browse(callback).location()
		if !ada.signedIn() || ada.cookie(flowCookie(callback)) != "" {
			t.Error("not signed in, or the flow's cookie was not deleted")
		}

		thief := two.visitor() // with the callback and the cookie, at another replica
		thief.setCookie(flowCookie(callback), kept)
		before := op.Requests(openid.Token)
		thief.expectRejected("replayed", strings.Replace(callback, one.base, two.base, 1), 400, "is over")
		if op.Requests(openid.Token) != before {
			t.Error("the replayed callback reached the provider's token endpoint")
		}
	})

	t.Run("the same state with a fresh code", func(t *testing.T) {
		ada, other := one.visitor(), one.visitor()
		callback := ada.startSignIn("")
		kept := ada.cookie(flowCookie(callback))
		ada.browse(callback).location()
		ada.http.Jar = one.visitor().http.Jar
		ada.setCookie(flowCookie(callback), kept)
		ada.expectRejected("a spent state", with(callback, "code", code(other.startSignIn(""))), 400, "is over")
	})

	t.Run("a foreign state", func(t *testing.T) { // login CSRF: the attacker's callback in the victim's browser
		mallory, ada := one.visitor(), one.visitor()
		callback := mallory.startSignIn("")
		ada.expectRejected("without a flow", callback, 400, "is over")
		ada.startSignIn("")
		ada.expectRejected("with another flow", callback, 400, "is over")
		for _, state := range []string{"", "x"} {
			ada.expectRejected("a state of nothing", with(ada.startSignIn(""), "state", state), 400, "is over")
		}
	})

	t.Run("a cookie that isn't ours", func(t *testing.T) {
		ada := one.visitor()
		callback := ada.startSignIn("")
		sealed := ada.cookie(flowCookie(callback))
		for _, forged := range []string{
			"", "x", "{}", sealed[:len(sealed)-1], "A" + sealed[1:], sealed + "AA", strings.Repeat("A", 200),
		} {
			ada.setCookie(flowCookie(callback), forged)
			ada.expectRejected("a forged cookie", callback, 400, "is over")
		}
	})

	t.Run("an injected code", func(t *testing.T) {
		ada, mallory := one.visitor(), one.visitor()
		stolen := code(ada.startSignIn("")) // not used yet
		mallory.expectRejected("without its verifier", with(mallory.startSignIn(""), "code", stolen), 400, "is over")
		mallory.expectRejected("no code", with(mallory.startSignIn(""), "code", ""), 502, "no usable answer")
	})

	t.Run("an injected code, at a provider without PKCE", func(t *testing.T) {
		lax := openid.Start(t)
		lax.IgnorePKCE()
		r := startReplica(t, lax.Settings()...)
		ada, mallory := r.visitor(), r.visitor()
		stolen := code(ada.startSignIn(""))
		mallory.expectRejected("another nonce", with(mallory.startSignIn(""), "code", stolen), 502, "no usable answer")
	})

	t.Run("another provider's answer", func(t *testing.T) {
		ada := one.visitor()
		ada.expectRejected("mix-up", with(ada.startSignIn(""), "iss", "https://evil.example"), 502, "no usable answer")
		ada.browse(with(ada.startSignIn(""), "iss", op.Issuer)).location()
		if !ada.signedIn() {
			t.Error("an answer with the correct issuer was rejected")
		}
	})

	t.Run("session fixation", func(t *testing.T) {
		mallory := one.visitor()
		mallory.browse(mallory.startSignIn("")).location()
		ada := one.visitor()
		for _, planted := range []string{"planted", mallory.token()} {
			ada.setCookie("parley", planted)
			ada.browse(ada.startSignIn("")).location()
			if got := ada.token(); got == planted || got == "" || !ada.signedIn() {
				t.Errorf("session token after the sign-in %q, before %q", got, planted)
			}
		}

		if mallory.signedIn() {
			t.Error("the planted session is still valid")
		}
	})

	t.Run("cross-site sign-out", func(t *testing.T) {
		ada := one.visitor()
		ada.browse(ada.startSignIn("")).location()
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.example"},
			{"Origin", "null"},
		} {
			if got := ada.post("/signout", nil, header...); got.status != 403 || !ada.signedIn() {
				t.Errorf("sign-out with %v: status %d", header, got.status)
			}
		}

		if got := ada.browse("/signout"); got.status != 405 && got.status != 404 || !ada.signedIn() {
			t.Errorf("sign-out by GET: status %d", got.status)
		}

		if got := ada.post("/signout", nil, "Sec-Fetch-Site", "same-origin"); got.status != 204 ||
			ada.signedIn() {
			t.Errorf("sign-out from the same origin: status %d", got.status)
		}
	})

	t.Run("next to another origin", func(t *testing.T) {
		ada := one.visitor()
		for _, next := range []string{
			"https://evil.example",
			"//evil.example",
			`/\evil.example`,
			"/\tevil",
			"javascript:alert(1)",
			"/%2f/evil.example",
			"/%5cevil.example",
			strings.Repeat("/x", 2000),
		} {
			if got := ada.browse(ada.startSignIn(next)).location(); got != "/conversations" {
				t.Errorf("next=%.40q redirects to %s", next, got)
			}
		}
	})
}
