package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/markbates/goth/providers/openidConnect"
	"golang.org/x/oauth2"
)

// endpoints is what discovery found of a provider.
type endpoints struct {
	oauth      *openidConnect.Provider // builds the address of a sign-in
	metadata   *oidc.Provider
	keys       oidc.KeySet
	algorithms []string // of id_tokens

	// authStyles are the ways in which the provider accepts the client secret; the first
	// is tried first, or that at index accepted, once one was.
	authStyles []oauth2.AuthStyle
	accepted   atomic.Int32
}

// metadata has the fields of a discovery document that go-oidc does not return.
type metadata struct {
	Keys        string   `json:"jwks_uri"`
	Algorithms  []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
}

// discover reads the provider's metadata.
func (p *provider) discover(ctx context.Context) (*endpoints, error) {
	// The keys are fetched with this client for as long as the server runs, so the
	// client's calls don't end with ctx.
	client := &http.Client{Transport: boundedTransport{ctx: context.Background()}, Timeout: callTimeout}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ctx = oidc.ClientContext(ctx, client)
	found, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		return nil, discoveryError(err)
	}

	var m metadata
	if err := found.Claims(&m); err != nil {
		return nil, fmt.Errorf("%w: discovery: a field has the wrong type", errInvalidReply)
	}

	for name, address := range map[string]string{
		"authorization_endpoint": found.Endpoint().AuthURL,
		"token_endpoint":         found.Endpoint().TokenURL,
		"jwks_uri":               m.Keys,
		"userinfo_endpoint":      found.UserInfoEndpoint(),
	} {
		if optional := name == "userinfo_endpoint" && address == ""; !optional && !p.allows(address) {
			return nil, fmt.Errorf("%w: discovery: %s is missing or not https", errInvalidReply, name)
		}
	}

	styles := authStyles(m.AuthMethods)
	if len(styles) == 0 {
		return nil, fmt.Errorf("%w: discovery: token_endpoint_auth_methods_supported has neither "+
			"client_secret_basic nor client_secret_post", errInvalidReply)
	}

	oauth, err := openidConnect.NewCustomisedURL(
		p.ClientID, p.ClientSecret, p.callback,
		found.Endpoint().AuthURL, found.Endpoint().TokenURL, p.Issuer, found.UserInfoEndpoint(), "",
		"openid", "profile",
	)
	if err != nil {
		return nil, fmt.Errorf("%w: discovery: %w", errInvalidReply, err)
	}

	return &endpoints{
		oauth:      oauth,
		metadata:   found,
		keys:       oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), client), m.Keys),
		algorithms: asymmetric(m.Algorithms),
		authStyles: styles,
	}, nil
}

// authStyles returns how a client secret may be sent, by the provider's list of methods.
// Without a list the standard's default, client_secret_basic, is tried first.
func authStyles(methods []string) (styles []oauth2.AuthStyle) {
	if len(methods) == 0 {
		return []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams}
	}
	if slices.Contains(methods, "client_secret_basic") {
		styles = append(styles, oauth2.AuthStyleInHeader)
	}
	if slices.Contains(methods, "client_secret_post") {
		styles = append(styles, oauth2.AuthStyleInParams)
	}
	return styles
}

// asymmetric returns the algorithms whose keys are public, or RS256, which every provider
// has.
func asymmetric(algorithms []string) (result []string) {
	for _, a := range algorithms {
		switch a {
		case oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512,
			oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA:
			result = append(result, a)
		}
	}
	if len(result) == 0 {
		return []string{oidc.RS256}
	}
	return result
}

// allows reports whether an endpoint may be called: over https, or over http if the
// issuer, which then is on this machine, uses http too.
func (p *provider) allows(address string) bool {
	u, err := url.Parse(address)
	issuer, _ := url.Parse(p.Issuer) // valid: package config checked it
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && issuer.Scheme == "http")
}

// authURL returns the provider's address where a person signs in for this flow.
func (e *endpoints) authURL(f flow) (string, error) {
	session, err := e.oauth.BeginAuth(f.State)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errInvalidReply, err)
	}

	address, err := session.GetAuthURL()
	u, parseErr := url.Parse(address)
	if err := errors.Join(err, parseErr); err != nil {
		return "", fmt.Errorf("%w: %w", errInvalidReply, err)
	}

	q := u.Query()
	q.Set("nonce", f.Nonce)
	q.Set("code_challenge", oauth2.S256ChallengeFromVerifier(f.Verifier))
	q.Set("code_challenge_method", "S256")
	u.RawQuery = q.Encode()
	return u.String(), nil
}
