package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/markbates/goth/providers/openidConnect"
	"golang.org/x/oauth2"
)

// endpoints is what discovery found of a provider.
type endpoints struct {
	oauth    *openidConnect.Provider
	verifier *oidc.IDTokenVerifier
}

// discover reads the provider's metadata.
func (p *provider) discover(ctx context.Context) (*endpoints, error) {
	// The verifier fetches keys with this client for as long as the server runs, so the
	// client's calls don't end with ctx.
	client := &http.Client{Transport: boundedTransport{context.Background()}, Timeout: callTimeout}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, client), p.Issuer)
	if err != nil {
		return nil, mapProviderError(err)
	}

	var metadata struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&metadata); err != nil {
		return nil, fmt.Errorf("%w: %w", errInvalidReply, err)
	}

	auth, token, userInfo := found.Endpoint().AuthURL, found.Endpoint().TokenURL, found.UserInfoEndpoint()
	if !p.allows(auth) || !p.allows(token) || !p.allows(metadata.Keys) || userInfo != "" && !p.allows(userInfo) {
		return nil, fmt.Errorf("%w: an endpoint without https", errInvalidReply)
	}

	oauth, err := openidConnect.NewCustomisedURL(
		p.ClientID, p.ClientSecret, p.callback,
		auth, token, p.Issuer, userInfo, "",
		"openid", "profile",
	)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errInvalidReply, err)
	}

	return &endpoints{oauth, found.Verifier(&oidc.Config{ClientID: p.ClientID})}, nil
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
