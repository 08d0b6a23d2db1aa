package integration

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/openid"
	"parley/test/wait"
)

// secrets are values that must not be logged, by description.
type secrets map[string]string

// canary adds a random value, which occurs nowhere else.
func (s secrets) canary(what string) string {
	s[what] = "canary" + strings.ReplaceAll(uuid.NewString(), "-", "")
	return s[what]
}

// checkAbsent searches a log for each secret as it is and as it is escaped in URLs
// and forms.
func (s secrets) checkAbsent(t *testing.T, log string) {
	t.Helper()
	for what, secret := range s {
		for _, spelling := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if len(secret) < 8 {
				t.Errorf("%s is too short to search for: %q", what, secret)
			}
			if i := strings.Index(log, spelling); i >= 0 {
				from, to := strings.LastIndex(log[:i], "\n")+1, i+len(spelling)
				t.Errorf("the log contains %s: %s…", what, log[from:to])
				break
			}
		}
	}
}

// TestLogsHoldNoSecrets: at the log level debug, Parley and its libraries write no
// secret and no text of people to standard output and error, through sign-ins,
// messages, invalid requests and outages.
func TestLogsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	addresses := newAddresses(t)
	s := secrets{"the client secret": openid.ClientSecret}
	for name, address := range map[string]string{
		"the database's password": addresses.DatabaseURL,
		"Redis's password":        addresses.RedisURL,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if password, _ := u.User.Password(); password != "" {
			s[name] = password
		}
	}

	var postgres, redis *proxy
	postgres, addresses.DatabaseURL = newProxy(t, addresses.DatabaseURL)
	redis, addresses.RedisURL = newProxy(t, addresses.RedisURL)
	r := startProcess(t, addresses, append(op.Settings(), "LOG_LEVEL", "debug", "READ_TIMEOUT", "1")...)
	ada, bob := s.signIn(r.instance, op, "Ada"), s.signIn(r.instance, op, "Bob")
	conversation := ada.openConversation(bob)
	s.sendMessages(ada, conversation)
	s.failSignIns(r.instance, op)
	s.sendMalformed(ada, conversation)
	for i, dependency := range []*proxy{postgres, redis} {
		dependency.close()
		body := s.canary(fmt.Sprintf("a message with %d dependencies down", i+1))
		ada.post(conversation+"/messages", messageForm(body))
		ada.get("/people?q=" + s.canary(fmt.Sprintf("a search with %d dependencies down", i+1)))
		name := s.canary(fmt.Sprintf("a new name with %d dependencies down", i+1))
		ada.post("/account/profile", url.Values{"name": {name}})
		ada.get(conversation)
	}

	s.failSignIns(r.instance, op)
	wait.Until(t, "the failures are logged", func() bool { return strings.Contains(r.output(), "request failed") })
	r.stop()
	log := r.output()
	for _, text := range []string{"level=WARN", "level=ERROR", "request failed", "draining"} {
		if !strings.Contains(log, text) {
			t.Errorf("the log lacks %q, so the test reads the wrong log or too little of it", text)
		}
	}

	s.checkAbsent(t, log)
}

// signIn signs somebody in with the provider and adds every secret on the way.
func (s secrets) signIn(r *instance, op *openid.Provider, name string) *person {
	email := s.canary(name+"'s e-mail") + "@example.org"
	op.QueueUser(openid.User{
		Subject: s.canary(name + "'s subject"),
		Name:    s.canary(name + "'s name"),
		Email:   email,
	})
	p := r.visitor()
	to := p.browse("/auth/oidc?next=/friends").location()
	s.addParameters(name+", asking", to, "state", "nonce", "code_challenge")
	for _, c := range p.cookies() {
		s[name+"'s cookie "+c.Name] = c.Value
	}

	callback := p.browse(to).location()
	s.addParameters(name+", answered", callback, "state", "code")
	p.browse(callback).location()
	s[name+"'s session token"] = p.token()
	p.post("/welcome", url.Values{"name": {s.canary(name + "'s own name")}})
	return p.loadAccount()
}

// addParameters adds query parameters of an address.
func (s secrets) addParameters(what, address string, names ...string) {
	u, _ := url.Parse(address)
	for _, name := range names {
		s[what+": "+name] = u.Query().Get(name)
	}
}

// sendMessages sends valid and invalid messages, drafts, searches and uploads with
// canaries.
func (s secrets) sendMessages(p *person, conversation string) {
	p.send(conversation, s.canary("a message"))
	send := func(body, client string) {
		p.post(conversation+"/messages", url.Values{"body": {body}, "client_id": {client}}, "Accept", "text/html")
	}

	postRaw := func(body, contentType string) {
		p.do("POST", conversation+"/messages", strings.NewReader(body), "Content-Type", contentType)
	}
	send(s.canary("a NUL beside it")+"\x00", chat.NewID().String())
	send(s.canary("no UTF-8 beside it")+"\xff", chat.NewID().String())
	send(strings.Repeat(s.canary("a long message"), 200), chat.NewID().String())
	send(s.canary("a message with a bad client id"), "42")
	p.post(conversation+"/draft", messageForm(s.canary("a draft"))).expectStatus(204)
	p.get("/people?q=" + s.canary("a search"))
	p.get("/conversations?q=" + s.canary("a search of the list"))
	p.post("/requests", url.Values{"person": {s.canary("no person")}})
	postRaw(`{"body":"`+s.canary("broken JSON"), "application/json")
	postRaw(s.canary("plain text"), "text/plain")
	postRaw("--x\r\n"+s.canary("a broken part"), "multipart/form-data; boundary=x")
	postRaw(strings.Repeat(s.canary("too much"), 4000), "application/x-www-form-urlencoded")
	p.do("POST", "/account/picture", strings.NewReader(s.canary("no picture")), "Content-Type", "image/png")
	p.get("/gallery/errors/500?x=" + s.canary("an address that fails"))
	p.openStream() // stays open
}

// failSignIns fails sign-ins in every way that a provider or an attacker may choose.
// Error responses may repeat the secrets of their requests.
func (s secrets) failSignIns(r *instance, op *openid.Provider) {
	echo := func(status int, kind string) http.HandlerFunc {
		return func(w http.ResponseWriter, req *http.Request) {
			body, _ := io.ReadAll(req.Body)
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			description := string(body) + req.Header.Get("Authorization")
			fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%q}`, description)
		}
	}

	for i, answer := range []http.HandlerFunc{
		echo(400, "application/json"),
		echo(500, "text/html"),
		echo(200, "application/json"),
		echo(200, "text/html"),
	} {
		p := r.visitor()
		got := p.browse("/auth/oidc")
		if got.status != http.StatusSeeOther && got.status != http.StatusFound {
			continue // a dependency is down
		}
		callback := p.browse(got.location()).location()
		s.addParameters(fmt.Sprintf("failure %d", i), callback, "state", "code")
		op.Override(openid.Token, answer)
		p.browse(callback)
		op.Override(openid.Token, nil)
		p.browse(callback)
	}

	p := r.visitor()
	query := url.Values{}
	for _, name := range []string{"state", "code", "error", "error_description"} {
		query.Set(name, s.canary("parameter "+name))
	}
	p.browse("/auth/oidc/callback?" + query.Encode())
	p.setCookie(flowCookie("?state=x"), s.canary("a forged flow"))
	p.browse("/auth/oidc/callback?state=x&code=" + s.canary("another code"))
	p.setCookie("parley", s.canary("a forged session"))
	p.browse("/conversations")
}

// sendMalformed sends bytes that are no valid request and contain a cookie.
func (s secrets) sendMalformed(p *person, conversation string) {
	cookie := "Cookie: parley=" + p.token() + "\r\n"
	post := "POST " + conversation + "/messages HTTP/1.1\r\nHost: x\r\n" + cookie
	for _, request := range []string{
		"GET" + s.canary("a broken line") + "\r\n" + cookie + "\r\n",
		"GET /" + s.canary("an address") + " HTTP/9.9\r\nHost: x\r\n" + cookie + "\r\n",
		s.canary("a method") + " / HTTP/1.1\r\nHost: x\r\n" + cookie + "\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n" + cookie + s.canary("a header without a colon") + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n" + cookie + "X: " + strings.Repeat(s.canary("a long header"), 1000) + "\r\n\r\n",
		post + "Transfer-Encoding: chunked\r\n\r\n" + s.canary("a bad chunk") + "\r\n",
		post + "Content-Length: 1000\r\n\r\nbody=" + s.canary("half a body"),
		post + "Content-Length: -" + s.canary("no length") + "\r\n\r\n",
	} {
		p.sendRaw(request)
	}
}
