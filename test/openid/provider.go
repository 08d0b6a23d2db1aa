// Package openid runs a real OpenID provider (oauth2-proxy/mockoidc) on this
// machine, for tests. It requires PKCE with S256 and a nonce, and can be made to
// misbehave.
package openid

import (
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/oauth2-proxy/mockoidc"
)

// The provider's name on the sign-in button, and its client Parley.
const (
	Name         = "Testhouse"
	ClientID     = "parley"
	ClientSecret = "known to both"
)

// The endpoints, for Override and Requests.
const (
	Authorize = mockoidc.AuthorizationEndpoint
	Token     = mockoidc.TokenEndpoint
	Userinfo  = mockoidc.UserinfoEndpoint
	Keys      = mockoidc.JWKSEndpoint
	Discovery = mockoidc.DiscoveryEndpoint
)

// Provider signs in the next queued person, without a page. It is safe for
// concurrent use.
type Provider struct {
	Issuer       string
	ClientID     string
	ClientSecret string

	t    testing.TB
	oidc *mockoidc.MockOIDC

	mu         sync.Mutex // guards the fields below, and mockoidc's sessions
	ignorePKCE bool
	denials    int // sign-ins that will be denied
	forgery    func(*Forgery)
	overrides  map[string]http.HandlerFunc // by endpoint
	requests   map[string]int              // by endpoint
}

// Start runs a provider until the test ends.
func Start(t testing.TB) *Provider {
	t.Helper()
	return StartAt(t, "127.0.0.1:0")
}

// StartAt runs a provider at an address, where another one may have been.
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
	p := &Provider{
		ClientID:     ClientID,
		ClientSecret: ClientSecret,
		t:            t,
		oidc:         m,
		overrides:    map[string]http.HandlerFunc{},
		requests:     map[string]int{},
	}

	if err := m.AddMiddleware(p.intercept); err != nil {
		t.Fatal(err)
	}
	if err := m.Start(l, nil); err != nil {
		t.Fatal(err)
	}

	p.Issuer = m.Issuer()
	t.Cleanup(p.Stop)
	return p
}

// Stop ends the provider at once, with its open connections.
func (p *Provider) Stop() { _ = p.oidc.Server.Close() }

// Settings are the environment of a replica whose people sign in here: names and
// values in turn.
func (p *Provider) Settings() []string {
	return []string{
		"OIDC_NAME", Name,
		"OIDC_ISSUER", p.Issuer,
		"OIDC_CLIENT_ID", ClientID,
		"OIDC_CLIENT_SECRET", ClientSecret,
		"DEV_SIGNIN", "auto",
	}
}

// DenyNext denies one more of the next sign-ins, as a person does who refuses
// consent.
func (p *Provider) DenyNext() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.denials++
}

// IgnorePKCE makes the provider accept a code without its verifier.
func (p *Provider) IgnorePKCE() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ignorePKCE = true
}

// Override has h answer an endpoint from now on; nil restores the endpoint.
func (p *Provider) Override(endpoint string, h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.overrides[endpoint] = h
}

// Requests returns how often an endpoint was requested.
func (p *Provider) Requests(endpoint string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests[endpoint]
}

// intercept stands before every endpoint. It lets one request through at a time,
// because mockoidc keeps its sessions in a map without a lock.
func (p *Provider) intercept(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.requests[r.URL.Path]++
		if h := p.overrides[r.URL.Path]; h != nil {
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

// authorize answers the authorization endpoint.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request, next http.Handler) {
	q := r.URL.Query()
	if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || q.Get("nonce") == "" {
		http.Error(w, "PKCE with S256 and a nonce are required", http.StatusBadRequest)
		return
	}

	if p.denials > 0 {
		p.denials--
		back := q.Get("redirect_uri") + "?error=access_denied&error_description=no&state=" + q.Get("state")
		http.Redirect(w, r, back, http.StatusFound)
		return
	}

	if p.ignorePKCE {
		q.Del("code_challenge")
		q.Del("code_challenge_method")
		r.URL.RawQuery = q.Encode()
	}
	next.ServeHTTP(w, r)
}
