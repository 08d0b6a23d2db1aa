package integration

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/test/openid"
	"parley/test/wait"
)

// refuses expects that a callback signs nobody in, and says so plainly, with a way back.
func (p *person) refuses(what, callback string, status int, kind string) {
	p.t.Helper()
	got := p.sees(callback)
	if got.status != status || !strings.Contains(got.body, "Try again") || !strings.Contains(got.body, `href="/auth/oidc`) || !strings.Contains(got.body, `href="/"`) {
		p.t.Errorf("%s: %d, want %d: %s", what, got.status, status, got.body)
	}
	if strings.Contains(got.header.Get("Set-Cookie"), "parley=") {
		p.t.Errorf("%s: a session was given: %s", what, got.header.Get("Set-Cookie"))
	}
	if p.token() == "" && p.signedIn() {
		p.t.Errorf("%s: signed in", what)
	}
	program := p.get(strings.TrimPrefix(callback, p.base)) // the flow is over: a program reads that, as a problem
	if program.status != 400 || program.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(program.body, `"sign-in-stale"`) {
		p.t.Errorf("%s: a program reads %d %s", what, program.status, program.body)
	}
	if kind != "" && !strings.Contains(got.body, kind) {
		p.t.Errorf("%s: the page doesn’t say %q: %s", what, kind, got.body)
	}
}

func TestLoginAttacks(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	one := startReplica(t, op.Settings()...)
	two := startReplicaAt(t, one.at, op.Settings()...)
	flowOf := func(p *person) string {
		u, _ := url.Parse(p.base)
		for _, c := range p.http.Jar.Cookies(u) {
			if c.Name == "parley-signin" {
				return c.Value
			}
		}
		return ""
	}
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
		callback := ada.begins("")
		kept := flowOf(ada)
		ada.sees(callback).leadsTo()
		if !ada.signedIn() || flowOf(ada) != "" {
			t.Error("not signed in, or the flow's cookie is still there")
		}
		thief := two.visitor() // who has the address, the cookie, and another replica
		thief.holds("parley-signin", kept)
		before := op.Requests(openid.Token)
		thief.refuses("replayed", strings.Replace(callback, one.base, two.base, 1), 400, "is over")
		if op.Requests(openid.Token) != before {
			t.Error("the provider was asked again")
		}
	})
	t.Run("the same state with a fresh code", func(t *testing.T) {
		ada, other := one.visitor(), one.visitor()
		callback := ada.begins("")
		kept := flowOf(ada)
		ada.sees(callback).leadsTo()
		ada.http.Jar = one.visitor().http.Jar
		ada.holds("parley-signin", kept)
		ada.refuses("a spent state", with(callback, "code", code(other.begins(""))), 400, "is over")
	})
	t.Run("a foreign state", func(t *testing.T) { // login CSRF: the attacker's answer, in the victim's browser
		mallory, ada := one.visitor(), one.visitor()
		callback := mallory.begins("")
		ada.refuses("without a flow", callback, 400, "is over")
		ada.begins("")
		ada.refuses("with another flow", callback, 400, "is over")
		for _, state := range []string{"", "x"} {
			ada.refuses("a state of nothing", with(ada.begins(""), "state", state), 400, "is over")
		}
	})
	t.Run("a cookie that isn't ours", func(t *testing.T) {
		ada := one.visitor()
		callback := ada.begins("")
		sealed := flowOf(ada)
		for _, forged := range []string{"", "x", "{}", sealed[:len(sealed)-1], "A" + sealed[1:], sealed + "AA", strings.Repeat("A", 200)} {
			ada.holds("parley-signin", forged)
			ada.refuses("a forged cookie", callback, 400, "is over")
		}
	})
	t.Run("an injected code", func(t *testing.T) {
		ada, mallory := one.visitor(), one.visitor()
		stolen := code(ada.begins("")) // which Mallory saw before it was used
		mallory.refuses("without its verifier", with(mallory.begins(""), "code", stolen), 400, "is over")
		mallory.refuses("no code", with(mallory.begins(""), "code", ""), 502, "no usable answer")
	})
	t.Run("an injected code, at a provider without PKCE", func(t *testing.T) {
		lax := openid.Start(t)
		lax.IgnorePKCE()
		r := startReplica(t, lax.Settings()...)
		ada, mallory := r.visitor(), r.visitor()
		stolen := code(ada.begins(""))
		mallory.refuses("the nonce is another", with(mallory.begins(""), "code", stolen), 502, "no usable answer")
	})
	t.Run("another provider's answer", func(t *testing.T) {
		ada := one.visitor()
		ada.refuses("mix-up", with(ada.begins(""), "iss", "https://evil.example"), 502, "no usable answer")
		ada.sees(with(ada.begins(""), "iss", op.Issuer)).leadsTo()
		if !ada.signedIn() {
			t.Error("the right issuer is refused")
		}
	})
	t.Run("session fixation", func(t *testing.T) {
		mallory := one.visitor()
		mallory.sees(mallory.begins("")).leadsTo()
		ada := one.visitor()
		for _, planted := range []string{"planted", mallory.token()} {
			ada.holds("parley", planted)
			ada.sees(ada.begins("")).leadsTo()
			if got := ada.token(); got == planted || got == "" || !ada.signedIn() {
				t.Errorf("the token after the sign-in is %q, the one before was %q", got, planted)
			}
		}
		if mallory.signedIn() {
			t.Error("the planted session goes on")
		}
	})
	t.Run("cross-site sign-out", func(t *testing.T) {
		ada := one.visitor()
		ada.sees(ada.begins("")).leadsTo()
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			if got := ada.post("/signout", nil, header...); got.status != 403 || !ada.signedIn() {
				t.Errorf("%v: %d", header, got.status)
			}
		}
		if got := ada.sees("/signout"); got.status != 405 && got.status != 404 || !ada.signedIn() {
			t.Errorf("by a link: %d", got.status)
		}
		if got := ada.post("/signout", nil, "Sec-Fetch-Site", "same-origin"); got.status != 204 || ada.signedIn() {
			t.Errorf("by oneself: %d", got.status)
		}
	})
	t.Run("next to another origin", func(t *testing.T) {
		ada := one.visitor()
		for _, next := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\tevil", "javascript:alert(1)", "/%2f/evil.example", "/%5cevil.example", strings.Repeat("/x", 2000)} {
			if got := ada.sees(ada.begins(next)).leadsTo(); got != "/conversations" {
				t.Errorf("%.40q led to %s", next, got)
			}
		}
	})
}

func TestForgedTokens(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	r := startReplica(t, op.Settings()...)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(*openid.Forgery) {
		return func(f *openid.Forgery) {
			f.Claims[name] = value
			if value == nil {
				delete(f.Claims, name)
			}
		}
	}
	ada := r.visitor()
	for name, forge := range map[string]func(*openid.Forgery){
		"another nonce":        claim("nonce", "x"),
		"no nonce":             claim("nonce", nil),
		"another audience":     claim("aud", "somebody else"),
		"no audience":          claim("aud", nil),
		"for two, no azp":      claim("aud", []string{openid.ClientID, "somebody else"}),
		"another azp":          claim("azp", "somebody else"),
		"another issuer":       claim("iss", "https://evil.example"),
		"a longer issuer":      claim("iss", op.Issuer+"/"),
		"no issuer":            claim("iss", nil),
		"expired":              claim("exp", time.Now().Add(-time.Minute).Unix()),
		"without an end":       claim("exp", nil),
		"an end that is none":  claim("exp", "soon"),
		"not yet":              claim("nbf", time.Now().Add(time.Hour).Unix()),
		"no subject":           claim("sub", nil),
		"an empty subject":     claim("sub", ""),
		"a subject with NUL":   claim("sub", "a\x00b"),
		"a subject too long":   claim("sub", strings.Repeat("x", 256)),
		"another access token": claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"alg none": func(f *openid.Forgery) {
			f.Method, f.Key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType
		},
		"the secret as a key":  func(f *openid.Forgery) { f.Method, f.Key = jwt.SigningMethodHS256, []byte(openid.ClientSecret) },
		"a stranger's key":     func(f *openid.Forgery) { f.Key = stranger },
		"a stranger's key id":  func(f *openid.Forgery) { f.Key, f.Header["kid"] = stranger, "another" },
		"a stranger's key set": func(f *openid.Forgery) { f.Key, f.Header["jku"] = stranger, "https://evil.example/keys" },
	} {
		t.Run(name, func(t *testing.T) {
			op.ForgeTokens(forge)
			ada.refuses(name, ada.begins(""), 502, "no usable answer")
		})
	}
	op.ForgeTokens(claim("azp", openid.ClientID))
	if ada.sees(ada.begins("")).leadsTo(); !ada.signedIn() {
		t.Error("a good token is refused")
	}
}

func TestAProviderInTrouble(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	address := strings.TrimPrefix(strings.TrimSuffix(op.Issuer, "/oidc"), "http://")
	op.Stop()
	r := startReplica(t, op.Settings()...) // the provider is down at the start
	ada := r.visitor()
	away := func(what string, got reply) {
		t.Helper()
		if got.status != 503 || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, openid.Name+" isn’t answering") || !strings.Contains(got.body, `href="/auth/oidc?next=%2Ffriends"`) {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}
	away("down at the start", ada.sees("/auth/oidc?next=/friends"))
	if got := ada.get("/auth/oidc"); got.status != 503 || !strings.Contains(got.body, `"provider-away"`) {
		t.Errorf("a program reads %d %s", got.status, got.body)
	}
	op = openid.StartAt(t, address)
	wait.Until(t, "the provider is found by itself", func() bool { return ada.sees("/auth/oidc").status == 303 })

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
		"a page": page, "nothing": answers(""), "an array": answers("[]"), "no id_token": answers(`{"access_token":"x","token_type":"bearer"}`),
		"a number": answers(`{"access_token":"x","token_type":"bearer","id_token":7}`), "no token": answers(`{"access_token":"x","token_type":"bearer","id_token":"a.b.c"}`),
		"another client": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(401)
			_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
		},
	} {
		callback := ada.begins("")
		op.Override(openid.Token, h)
		ada.refuses("for a token: "+name, callback, 502, "no usable answer")
		op.Override(openid.Token, nil)
	}
	callback := ada.begins("/friends")
	op.Override(openid.Token, broken)
	away("for a token: 500", ada.sees(callback))
	op.Override(openid.Token, nil)

	op.DenyNext()
	callback = ada.begins("/friends")
	if got := ada.sees(callback); got.status != 403 || !strings.Contains(got.body, "You weren’t signed in") || !strings.Contains(got.body, `href="/auth/oidc?next=%2Ffriends"`) {
		t.Errorf("denied: %d %s", got.status, got.body)
	}
	for refusal, status := range map[string]int{"temporarily_unavailable": 503, "invalid_scope": 502, "<script>": 502} {
		callback := ada.begins("")
		back, _ := url.Parse(callback)
		got := ada.sees(r.base + "/auth/oidc/callback?state=" + back.Query().Get("state") + "&error=" + url.QueryEscape(refusal))
		if got.status != status || strings.Contains(got.body, "<script>") {
			t.Errorf("%s: %d %s", refusal, got.status, got.body)
		}
	}
	op.Override(openid.Keys, page)
	fresh := startReplica(t, op.Settings()...).visitor()
	fresh.refuses("keys that are a page", fresh.begins(""), 502, "no usable answer")
	op.Override(openid.Keys, nil)
	op.QueueUser(openid.User{Subject: "thin", UserinfoOnly: true})
	callback = ada.begins("/friends")
	op.Override(openid.Userinfo, answers(`{"sub":"somebody else","name":"Mallory"}`))
	ada.refuses("userinfo of another", callback, 502, "no usable answer")

	for name, said := range map[string]http.HandlerFunc{
		"a page": page, "another issuer": answers(`{"issuer":"https://evil.example"}`),
		"no https": answers(`{"issuer":"` + op.Issuer + `","authorization_endpoint":"javascript:alert(1)","token_endpoint":"http://x/","jwks_uri":"http://x/"}`),
	} {
		op.Override(openid.Discovery, said)
		r := startReplica(t, op.Settings()...)
		if got := r.visitor().sees("/auth/oidc"); got.status != 502 || !strings.Contains(got.body, "no usable answer") {
			t.Errorf("discovery is %s: %d %s", name, got.status, got.body)
		}
	}
}
