package integration

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"parley/test/openid"
	"parley/test/wait"
)

// startSignIn starts a sign-in, passes through the provider and returns the address
// of its callback.
func (p *person) startSignIn(next string) (callback string) {
	p.t.Helper()
	address := "/auth/oidc"
	if next != "" {
		address += "?next=" + url.QueryEscape(next)
	}
	return p.browse(p.browse(address).location()).location()
}

// flowCookie returns the name of the cookie of the flow whose callback this is.
func flowCookie(callback string) string {
	u, _ := url.Parse(callback)
	sum := sha256.Sum256([]byte(u.Query().Get("state")))
	return "parley-signin-" + base64.RawURLEncoding.EncodeToString(sum[:6])
}

// signInWithProvider signs in with the provider.
func (p *person) signInWithProvider() *person {
	p.t.Helper()
	if got := p.browse(p.startSignIn("")).location(); got != "/conversations" {
		p.t.Fatalf("the sign-in redirects to %s", got)
	}
	return p.loadAccount()
}

// TestSignInWithProvider: a sign-in works across replicas, asks for the name once
// and identifies people by the provider's subject.
func TestSignInWithProvider(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	one := startReplica(t, op.Settings()...)
	two := startReplicaAt(t, one.addresses, op.Settings()...)
	ada := one.visitor()
	if front := ada.browse("/"); !strings.Contains(front.body, ">Continue with "+openid.Name+"</a>") ||
		strings.Contains(front.body, "/signin/dev") {
		t.Errorf("front page: %s", front.body)
	}

	ada.post("/signin/dev", url.Values{"name": {"Mallory"}}).expectStatus(404)
	ada.browse("/auth/google").expectStatus(404)

	op.QueueUser(openid.User{Subject: "ada", Name: "Ada from Testhouse"})
	callback := ada.startSignIn("/friends?page=2")
	ada.instance = two // started on one replica, completed on the other
	if next := ada.browse(strings.Replace(callback, one.base, two.base, 1)).location(); next != "/friends?page=2" {
		t.Errorf("redirected to %s", next)
	}

	welcome := ada.browse("/friends?page=2").location()
	if welcome != "/welcome?next="+url.QueryEscape("/friends?page=2") {
		t.Errorf("before the name is confirmed, pages redirect to %s", welcome)
	}
	ada.get("/friends").expectStatus(200)

	if page := ada.browse(welcome); !strings.Contains(page.body, `value="Ada from Testhouse"`) ||
		!strings.Contains(page.body, `value="/friends?page=2"`) {
		t.Errorf("welcome page: %s", page.body)
	}

	if got := ada.post("/welcome", url.Values{"name": {"\"><b>"}, "next": {"/friends"}}, html...); got.status != 303 {
		t.Errorf("name with markup: status %d", got.status) // valid, because it has a letter
	}

	if got := ada.post("/welcome", url.Values{"name": {"--- ---"}, "next": {"/friends"}}, html...); got.status != 422 ||
		!strings.Contains(got.body, `value="--- ---"`) || !strings.Contains(got.body, "at least one letter") {
		t.Errorf("name without letters: status %d: %s", got.status, got.body)
	}

	confirmed := ada.post("/welcome", url.Values{"name": {"Ada"}, "next": {"/friends"}}, html...)
	if next := confirmed.location(); next != "/friends" {
		t.Errorf("the confirmed name redirects to %s", next)
	}

	for _, r := range []*instance{one, two} {
		ada.instance = r
		wait.Until(t, "every replica has the confirmed name", func() bool {
			return ada.browse("/friends").status == 200 && ada.loadAccount().Name == "Ada"
		})
	}

	if next := ada.browse("/welcome?next=//evil.example").location(); next != "/conversations" {
		t.Errorf("with a confirmed name, the welcome page redirects to %s", next)
	}

	op.QueueUser(openid.User{Subject: "ada", Name: "Countess"})
	again := one.visitor().signInWithProvider()
	if again.ID != ada.ID || again.Name != "Ada" || again.browse("/friends").status != 200 {
		t.Errorf("second sign-in: %+v, first %+v", again.Person, ada.Person)
	}

	op.QueueUser(openid.User{Subject: "bob", Name: "Ada"})
	if bob := one.visitor().signInWithProvider(); bob.ID == ada.ID {
		t.Error("two subjects of the same name share an account")
	}

	op.QueueUser(openid.User{Subject: "thin", Name: "Told by userinfo", UserinfoOnly: true})
	if thin := one.visitor().signInWithProvider(); thin.Name != "Told by userinfo" {
		t.Errorf("name from the userinfo endpoint: %q", thin.Name)
	}
}

// TestSignInAtLocalhost: http://localhost is redirected to the host of the callback,
// because the cookie is only sent there.
func TestSignInAtLocalhost(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	r := startReplica(t, op.Settings()...)
	elsewhere := strings.Replace(r.base, "127.0.0.1", "localhost", 1)
	got := r.visitor().browse(elsewhere + "/auth/oidc?next=/friends").location()
	if got != r.base+"/auth/oidc?next=%2Ffriends" {
		t.Errorf("redirected to %s", got)
	}
}

// TestPublicURLInOtherForms: the address of the settings, in whatever form, is compared
// with what browsers send, and registered at the provider in their form.
func TestPublicURLInOtherForms(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	for setting, browsers := range map[string]string{
		"https://Chat.example.org:443/": "https://chat.example.org",
		"https://münchen.example":       "https://xn--mnchen-3ya.example",
	} {
		r := startReplicaAt(t, sharedReplica(t).addresses, append(op.Settings(), "PUBLIC_URL", setting)...)
		u, err := url.Parse(r.visitor().browse("/auth/oidc").location())
		must(t, err)
		if got := u.Query().Get("redirect_uri"); got != browsers+"/auth/oidc/callback" {
			t.Errorf("%s: redirect URI %s", setting, got)
		}

		for origin, want := range map[string]int{
			browsers:                    401, // not refused as another site's
			browsers + ":443":           401,
			browsers + ":444":           403,
			"https://evil.example":      403,
			"http" + browsers[5:]:       403,
			"https://x." + browsers[8:]: 403,
			"null":                      403,
		} {
			if got := r.visitor().post("/signout", nil, "Origin", origin); got.status != want {
				t.Errorf("%s: post with Origin %s: status %d, want %d", setting, origin, got.status, want)
			}
		}
	}
}

// TestSignInCookie checks the attributes of the cookie that keeps the state of a
// sign-in.
func TestSignInCookie(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	for base, want := range map[string]string{
		"":                         "parley-signin-",
		"https://chat.example.org": "__Host-parley-signin-",
	} {
		settings := op.Settings()
		if base != "" {
			settings = append(settings, "PUBLIC_URL", base)
		}
		got := startReplica(t, settings...).visitor().browse("/auth/oidc")
		cookie, to := got.header.Get("Set-Cookie"), got.location()
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		for _, part := range []string{want, "path=/", "HttpOnly", "SameSite=Lax", "expires="} {
			if !strings.Contains(cookie, part) {
				t.Errorf("%s is missing in the cookie %s", part, cookie)
			}
		}
		if secure := strings.Contains(cookie, "secure"); secure != (base != "") {
			t.Errorf("secure attribute: %v, with PUBLIC_URL %q", secure, base)
		}
		if strings.Contains(cookie, q.Get("state")) || strings.Contains(cookie, q.Get("nonce")) {
			t.Errorf("the cookie contains the state or the nonce in plain text: %s", cookie)
		}
		if base != "" && q.Get("redirect_uri") != base+"/auth/oidc/callback" ||
			q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
			t.Errorf("parameters of the authorization request: %v", q)
		}
	}
}
