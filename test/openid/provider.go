// Package openid runs a real OpenID provider (oauth2-proxy/mockoidc) on this
// machine, for tests. It requires PKCE with S256 and a nonce. Tests can make it deny
// sign-ins, forge tokens and replace endpoints.
package openid

import (
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/oauth2-proxy/mockoidc"
)

// The settings of the provider's client, Parley.
const (
	Name         = "Testhouse"     // on the sign-in button
	ClientID     = "parley"        // OIDC_CLIENT_ID
	ClientSecret = "known to both" // OIDC_CLIENT_SECRET
)

// The paths of the endpoints, for Override and Requests.
const (
	Authorize = mockoidc.AuthorizationEndpoint // redirects the browser back with a code
	Token     = mockoidc.TokenEndpoint         // exchanges a code for an id_token
	Userinfo  = mockoidc.UserinfoEndpoint      // name, picture and email
	Keys      = mockoidc.JWKSEndpoint          // the public keys of id_tokens
	Discovery = mockoidc.DiscoveryEndpoint     // the addresses of the other endpoints
)

// Provider signs in the next queued person without a page. Safe for concurrent use.
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
	announced  []string                    // methods of the discovery document; nil: none
	accepted   []string                    // methods of the token endpoint
	spendCodes bool                        // a refused client spends its code
	overrides  map[string]http.HandlerFunc // by endpoint
	requests   map[string]int              // by endpoint
}

// Start runs a provider until the test ends.
func Start(t testing.TB) *Provider {
	t.Helper()
	return StartAt(t, "127.0.0.1:0")
}

// StartAt runs a provider at an address until the test ends. An earlier, stopped
// provider may have had the same address.
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
		announced:    []string{Basic, Post},
		accepted:     []string{Basic, Post},
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

// Stop ends the provider immediately and closes its connections.
func (p *Provider) Stop() { _ = p.oidc.Server.Close() }

// Settings returns the environment of a replica that uses this provider: names and
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

// DenyNext denies the next sign-in, as if the person refused consent. Each call denies
// one more.
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

// Override replaces the handler of an endpoint; nil restores the endpoint.
func (p *Provider) Override(endpoint string, h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.overrides[endpoint] = h
}

// Requests returns the number of requests to an endpoint.
func (p *Provider) Requests(endpoint string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests[endpoint]
}

// intercept wraps every endpoint. It serializes requests, because mockoidc keeps its
// sessions in a map without a lock.
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
			p.authenticateClient(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				p.token(w, r, next)
			}))
		case Discovery:
			p.discovery(w, r, next)
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
