package integration

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
	"parley/test/openid"
	"parley/test/wait"
)

// visitor is a browser that isn't signed in and follows nothing by itself.
func (r *instance) visitor() *person {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return &person{instance: r, http: &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// sees is a page as a browser gets it: of Parley, or (a whole address) of anyone.
func (p *person) sees(address string, headers ...string) reply {
	p.t.Helper()
	at := *p.instance
	q := *p
	q.instance = &at
	if strings.HasPrefix(address, "http") {
		at.base = ""
	}
	return q.get(address, append([]string{"Accept", "text/html,*/*;q=0.8"}, headers...)...)
}

// leadsTo is where an answer leads, which must be somewhere.
func (r reply) leadsTo() string {
	r.t.Helper()
	if r.status != 302 && r.status != 303 {
		r.t.Fatalf("status %d leads nowhere: %s", r.status, r.body)
	}
	return r.header.Get("Location")
}

// begins a sign-in and comes back from the provider: with what, the callback's address tells.
func (p *person) begins(next string) (callback string) {
	p.t.Helper()
	address := "/auth/oidc"
	if next != "" {
		address += "?next=" + url.QueryEscape(next)
	}
	return p.sees(p.sees(address).leadsTo()).leadsTo()
}

// comesIn signs in with the provider, under the name that it says, and confirms it.
func (p *person) comesIn() *person {
	p.t.Helper()
	if got := p.sees(p.begins("")).leadsTo(); got != "/conversations" {
		p.t.Fatalf("signed in, and led to %s", got)
	}
	return p.knowsItself()
}

func (p *person) knowsItself() *person {
	p.t.Helper()
	var a struct{ User chat.Person }
	p.get("/account").into(&a, 200)
	p.Person = a.User
	return p
}

// signedIn tells whether the browser has a session.
func (p *person) signedIn() bool {
	p.t.Helper()
	return p.get("/account").status == 200
}

// token is the session's, as the browser keeps it.
func (p *person) token() string {
	u, _ := url.Parse(p.base)
	for _, c := range p.http.Jar.Cookies(u) {
		if c.Name == "parley" {
			return c.Value
		}
	}
	return ""
}

func (p *person) holds(name, value string) {
	u, _ := url.Parse(p.base)
	p.http.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func TestSignInWithAProvider(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	one := startReplica(t, op.Settings()...)
	two := startReplicaAt(t, one.at, op.Settings()...)
	ada := one.visitor()
	if front := ada.sees("/"); !strings.Contains(front.body, ">Continue with "+openid.Name+"</a>") || strings.Contains(front.body, "/signin/dev") {
		t.Errorf("the front page: %s", front.body)
	}
	if got := ada.post("/signin/dev", url.Values{"name": {"Mallory"}}); got.status != 404 {
		t.Errorf("the development sign-in beside a provider: %d", got.status)
	}
	if got := ada.sees("/auth/google"); got.status != 404 {
		t.Errorf("a provider that isn't set: %d", got.status)
	}

	op.QueueUser(openid.User{Subject: "ada", Name: "Ada from Testhouse"})
	callback := ada.begins("/friends?page=2")
	ada.instance = two // begun on one replica, ended on the other
	if next := ada.sees(strings.Replace(callback, one.base, two.base, 1)).leadsTo(); next != "/friends?page=2" {
		t.Errorf("led to %s", next)
	}
	welcome := ada.sees("/friends?page=2").leadsTo()
	if welcome != "/welcome?next="+url.QueryEscape("/friends?page=2") {
		t.Errorf("before the name is confirmed, a page leads to %s", welcome)
	}
	if got := ada.get("/friends"); got.status != 200 {
		t.Errorf("a program is asked for a name: %d", got.status)
	}
	if page := ada.sees(welcome); !strings.Contains(page.body, `value="Ada from Testhouse"`) || !strings.Contains(page.body, `value="/friends?page=2"`) {
		t.Errorf("the welcome: %s", page.body)
	}
	html := []string{"Accept", "text/html"}
	if got := ada.post("/welcome", url.Values{"name": {"\"><b>"}, "next": {"/friends"}}, html...); got.status != 303 {
		t.Errorf("a name of markup: %d", got.status) // has a letter
	}
	if got := ada.post("/welcome", url.Values{"name": {"--- ---"}, "next": {"/friends"}}, html...); got.status != 422 || !strings.Contains(got.body, `value="--- ---"`) || !strings.Contains(got.body, "at least one letter") {
		t.Errorf("no name: %d %s", got.status, got.body)
	}
	if next := ada.post("/welcome", url.Values{"name": {"Ada"}, "next": {"/friends"}}, html...).leadsTo(); next != "/friends" {
		t.Errorf("the name leads to %s", next)
	}
	for _, r := range []*instance{one, two} {
		ada.instance = r
		wait.Until(t, "every replica calls her Ada, and asks no more", func() bool {
			return ada.sees("/friends").status == 200 && ada.knowsItself().Name == "Ada"
		})
	}
	if next := ada.sees("/welcome?next=//evil.example").leadsTo(); next != "/conversations" {
		t.Errorf("a confirmed name leads to %s", next)
	}
	op.QueueUser(openid.User{Subject: "ada", Name: "Countess"})
	again := one.visitor().comesIn()
	if again.ID != ada.ID || again.Name != "Ada" || again.sees("/friends").status != 200 {
		t.Errorf("signed in again she is %+v, not %+v", again.Person, ada.Person)
	}
	op.QueueUser(openid.User{Subject: "bob", Name: "Ada"})
	if bob := one.visitor().comesIn(); bob.ID == ada.ID {
		t.Error("another subject of the same name is the same account")
	}
	op.QueueUser(openid.User{Subject: "thin", Name: "Told by userinfo", UserinfoOnly: true})
	if thin := one.visitor().comesIn(); thin.Name != "Told by userinfo" {
		t.Errorf("a thin id_token's name is %q", thin.Name)
	}
}

// TestTheOtherNameOfThisMachine: http://localhost is led to where the cookie will come back.
func TestTheOtherNameOfThisMachine(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	r := startReplica(t, op.Settings()...)
	elsewhere := strings.Replace(r.base, "127.0.0.1", "localhost", 1)
	if got := r.visitor().sees(elsewhere + "/auth/oidc?next=/friends").leadsTo(); got != r.base+"/auth/oidc?next=%2Ffriends" {
		t.Errorf("led to %s", got)
	}
}

func TestTheFlowsCookie(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	for base, want := range map[string]string{"": "parley-signin=", "https://chat.example.org": "__Host-parley-signin="} {
		settings := op.Settings()
		if base != "" {
			settings = append(settings, "PUBLIC_URL", base)
		}
		got := startReplica(t, settings...).visitor().sees("/auth/oidc")
		cookie, to := got.header.Get("Set-Cookie"), got.leadsTo()
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		for _, part := range []string{want, "path=/", "HttpOnly", "SameSite=Lax", "expires="} {
			if !strings.Contains(cookie, part) {
				t.Errorf("%s is not in %s", part, cookie)
			}
		}
		if secure := strings.Contains(cookie, "secure"); secure != (base != "") {
			t.Errorf("secure: %v, at %q", secure, base)
		}
		if strings.Contains(cookie, q.Get("state")) || strings.Contains(cookie, q.Get("nonce")) {
			t.Errorf("the cookie tells what it keeps: %s", cookie)
		}
		if base != "" && q.Get("redirect_uri") != base+"/auth/oidc/callback" || q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
			t.Errorf("asked with %v", q)
		}
	}
}
