// Package openid is a real OpenID provider (oauth2-proxy/mockoidc) on this machine, for tests. It insists on PKCE with S256 and on a nonce, and
// can be told to misbehave.
package openid

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
)

// What a Provider knows of Parley, and its name on the button.
const (
	Name         = "Testhouse"
	ClientID     = "parley"
	ClientSecret = "known to both"
)

// The endpoints, for Answer.
const (
	Authorize = mockoidc.AuthorizationEndpoint
	Token     = mockoidc.TokenEndpoint
	Userinfo  = mockoidc.UserinfoEndpoint
	Keys      = mockoidc.JWKSEndpoint
	Discovery = mockoidc.DiscoveryEndpoint
)

// Provider signs in whoever is next, without asking.
type Provider struct {
	Issuer       string
	ClientID     string
	ClientSecret string

	t    testing.TB
	oidc *mockoidc.MockOIDC

	mu      sync.Mutex
	lax     bool
	denies  int
	forgery func(*Forgery)
	answers map[string]http.HandlerFunc
	asked   map[string]int
}

// User is who signs in.
type User struct {
	Subject      string
	Name         string
	Picture      string // an address
	Email        string // which Parley never asks for
	UserinfoOnly bool   // the id_token has neither: userinfo tells them
}

// Forgery is an id_token that can be changed before it is signed.
type Forgery struct {
	Claims jwt.MapClaims
	Method jwt.SigningMethod
	Key    any
	Header map[string]any
}

// Start runs a provider until the test ends.
func Start(t testing.TB) *Provider {
	t.Helper()
	return StartAt(t, "127.0.0.1:0")
}

// StartAt runs it at an address, where one may have been before.
func StartAt(t testing.TB, address string) *Provider {
	t.Helper()
	m, err := mockoidc.NewServer(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	m.ClientID, m.ClientSecret, m.CodeChallengeMethodsSupported = ClientID, ClientSecret, []string{"S256"}
	p := &Provider{ClientID: ClientID, ClientSecret: ClientSecret, t: t, oidc: m, answers: map[string]http.HandlerFunc{}, asked: map[string]int{}}
	if err := m.AddMiddleware(p.guard); err != nil {
		t.Fatal(err)
	}
	if err := m.Start(l, nil); err != nil {
		t.Fatal(err)
	}
	p.Issuer = m.Issuer()
	t.Cleanup(p.Stop)
	return p
}

// Settings are the environment of a replica whose people sign in here: pairs of names and values.
func (p *Provider) Settings() []string {
	return []string{"OIDC_NAME", Name, "OIDC_ISSUER", p.Issuer, "OIDC_CLIENT_ID", ClientID, "OIDC_CLIENT_SECRET", ClientSecret, "DEV_SIGNIN", "auto"}
}

// Next queues who signs in. When nobody is queued it is mockoidc's Jane Doe.
func (p *Provider) QueueUser(u User) { p.oidc.QueueUser(user(u)) }

// Denies makes the next person say no.
func (p *Provider) DenyNext() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.denies++
}

// Lax makes it forget PKCE: a code is worth something without its verifier.
func (p *Provider) IgnorePKCE() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lax = true
}

// Forge changes every id_token from now on; nil changes none.
func (p *Provider) ForgeTokens(f func(*Forgery)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgery = f
}

// Answer has an endpoint answered by h from now on; nil: as it should be.
func (p *Provider) Override(endpoint string, h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[endpoint] = h
}

// Asked tells how often an endpoint was asked.
func (p *Provider) Requests(endpoint string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[endpoint]
}

// Stop ends it at once, open connections too.
func (p *Provider) Stop() { _ = p.oidc.Server.Close() }

// guard stands before every endpoint. It also gives way to one request at a time: mockoidc's sessions are a bare map.
func (p *Provider) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		if h := p.answers[r.URL.Path]; h != nil {
			p.mu.Unlock()
			h(w, r)
			return
		}
		defer p.mu.Unlock()
		switch r.URL.Path {
		case Authorize:
			p.authorize(w, r, next)
		case Token:
			p.token(w, r, next)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request, next http.Handler) {
	q := r.URL.Query()
	if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || q.Get("nonce") == "" {
		http.Error(w, "PKCE with S256 and a nonce, please", http.StatusBadRequest)
		return
	}
	if p.denies > 0 {
		p.denies--
		back := q.Get("redirect_uri") + "?error=access_denied&error_description=no&state=" + q.Get("state")
		http.Redirect(w, r, back, http.StatusFound)
		return
	}
	if p.lax {
		q.Del("code_challenge")
		q.Del("code_challenge_method")
		r.URL.RawQuery = q.Encode()
	}
	next.ServeHTTP(w, r)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request, next http.Handler) {
	rec := httptest.NewRecorder()
	next.ServeHTTP(rec, r)
	body := rec.Body.Bytes()
	if p.forgery != nil && rec.Code == http.StatusOK {
		body = p.forge(body)
	}
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body) // nobody reads it any more
}

func (p *Provider) forge(body []byte) []byte {
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		p.t.Errorf("token: %v", err)
		return body
	}
	f := &Forgery{Claims: jwt.MapClaims{}, Method: jwt.SigningMethodRS256, Key: p.oidc.Keypair.PrivateKey}
	genuine, _, err := jwt.NewParser().ParseUnverified(answer["id_token"].(string), f.Claims)
	if err != nil {
		p.t.Errorf("token: %v", err)
		return body
	}
	f.Header = genuine.Header
	p.forgery(f)
	forged := jwt.NewWithClaims(f.Method, f.Claims)
	f.Header["alg"] = f.Method.Alg()
	forged.Header = f.Header
	if answer["id_token"], err = forged.SignedString(f.Key); err != nil {
		p.t.Errorf("token: %v", err)
	}
	body, err = json.Marshal(answer)
	if err != nil {
		p.t.Errorf("token: %v", err)
	}
	return body
}

// user is a User as mockoidc wants it.
type user User

func (u user) ID() string { return u.Subject }

func (u user) Userinfo([]string) ([]byte, error) {
	return json.Marshal(map[string]any{"sub": u.Subject, "name": u.Name, "picture": u.Picture, "email": u.Email})
}

func (u user) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	c := claims{IDTokenClaims: base}
	if !u.UserinfoOnly {
		c.Name, c.Picture, c.Email = u.Name, u.Picture, u.Email
	}
	return c, nil
}

type claims struct {
	*mockoidc.IDTokenClaims
	Name    string `json:"name,omitempty"`
	Picture string `json:"picture,omitempty"`
	Email   string `json:"email,omitempty"`
}
