package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// profile is what Parley reads of a person: claims of the id_token, or of userinfo.
type profile struct {
	Subject   string `json:"-"` // verified
	Name      string `json:"name"`
	GivenName string `json:"given_name"`
	Family    string `json:"family_name"`
	Nickname  string `json:"nickname"`
	Username  string `json:"preferred_username"`
	Picture   string `json:"picture"` // an address
}

// userinfoTimeout is short, because a sign-in goes on without a name.
const userinfoTimeout = 3 * time.Second

// identify exchanges a code for the person who signed in at the provider for this flow.
// Its errors say at which step a reply was refused, and why. A reply that was refused
// starts a discovery, in case the provider has changed.
func (p *provider) identify(ctx context.Context, code string, f flow) (person profile, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: a library panicked on it: %s", errInvalidReply, panicWords(r))
		}
		if err != nil && !errors.Is(err, errStaleSignIn) {
			p.refresh()
		}
	}()

	select {
	case p.exchanges <- struct{}{}:
		defer func() { <-p.exchanges }()
	default:
		return profile{}, fmt.Errorf("%w: %d exchanges are in flight", errProviderDown, maxExchanges)
	}

	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	found, err := p.endpoints(ctx)
	if err != nil {
		return profile{}, err
	}

	token, err := p.exchange(ctx, found, code, f)
	if err != nil {
		return profile{}, err
	}

	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return profile{}, fmt.Errorf("%w: token exchange: the answer has no id_token", errInvalidReply)
	}

	idToken, err := p.verify(ctx, found, raw)
	if err != nil {
		return profile{}, err
	}
	if err := p.checkToken(idToken, token.AccessToken, f); err != nil {
		return profile{}, err
	}

	_ = idToken.Claims(&person) // a claim of the wrong type counts as missing
	person.Subject = idToken.Subject
	if person.Name == "" && found.metadata.UserInfoEndpoint() != "" {
		err = p.addUserinfo(ctx, found, token, &person)
	}

	return person, err
}

// panicWords returns the text of a runtime error, which names types only, or the type of
// another value, which may hold parts of a reply.
func panicWords(r any) string {
	if err, ok := r.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", r)
}

// exchange exchanges the code for tokens. A provider that accepts the client secret in
// two ways may know only one of them for this client: if it refuses the first, the
// other is tried, and the accepted one is used from then on.
func (p *provider) exchange(ctx context.Context, found *endpoints, code string, f flow) (*oauth2.Token, error) {
	client := &http.Client{Transport: boundedTransport{ctx: ctx, refusals: true}}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	accepted := int(found.accepted.Load())
	var refusal error
	for i := range found.authStyles {
		i = (accepted + i) % len(found.authStyles)
		endpoint := found.metadata.Endpoint()
		endpoint.AuthStyle = found.authStyles[i]
		config := oauth2.Config{
			ClientID:     p.ClientID,
			ClientSecret: p.ClientSecret,
			RedirectURL:  p.callback,
			Endpoint:     endpoint,
		}

		token, err := config.Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
		if !refusesClient(err) {
			found.accepted.Store(int32(i)) // #nosec G115 -- at most 1
			return token, exchangeError(err)
		}
		if refusal == nil {
			refusal = exchangeError(err)
		}
	}

	return nil, refusal
}

// verify checks the id_token's signature, issuer, audience and times.
func (p *provider) verify(ctx context.Context, found *endpoints, raw string) (*oidc.IDToken, error) {
	keys := &recordedKeys{KeySet: found.keys}
	verifier := oidc.NewVerifier(p.Issuer, keys, &oidc.Config{
		ClientID:             p.ClientID,
		SupportedSigningAlgs: found.algorithms,
	})

	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return nil, p.tokenError(raw, found.algorithms, keys.err, err)
	}
	return token, nil
}

// recordedKeys keeps the error of a verification, of which go-oidc returns only the text.
type recordedKeys struct {
	oidc.KeySet
	err error
}

// VerifySignature implements oidc.KeySet.
func (k *recordedKeys) VerifySignature(ctx context.Context, jwt string) (payload []byte, err error) {
	payload, k.err = k.KeySet.VerifySignature(ctx, jwt)
	return payload, k.err
}

// checkToken checks the claims that go-oidc does not: the token is of this flow and for
// this client.
func (p *provider) checkToken(token *oidc.IDToken, accessToken string, f flow) error {
	var claims struct {
		Party string `json:"azp"`
	}
	if err := token.Claims(&claims); err != nil {
		return fmt.Errorf("%w: id_token: azp is no text", errInvalidReply)
	}

	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.Nonce)) != 1:
		return fmt.Errorf("%w: id_token: the nonce is missing or another sign-in's", errInvalidReply)
	case claims.Party != "" && claims.Party != p.ClientID:
		return fmt.Errorf("%w: id_token: authorized party (azp) %.60q, want %q", errInvalidReply, claims.Party, p.ClientID)
	case claims.Party == "" && len(token.Audience) > 1:
		return fmt.Errorf("%w: id_token: several audiences and no authorized party (azp)", errInvalidReply)
	case token.AccessTokenHash != "" && token.VerifyAccessToken(accessToken) != nil:
		return fmt.Errorf("%w: id_token: at_hash is another access token's", errInvalidReply)
	case !validSubject(token.Subject):
		return fmt.Errorf("%w: id_token: sub is not 1 to 255 printable ASCII characters", errInvalidReply)
	}

	return nil
}

// addUserinfo adds the claims of the userinfo endpoint. A sign-in goes on without them,
// and the person is asked for their name, but not with those of another subject.
func (p *provider) addUserinfo(ctx context.Context, found *endpoints, token *oauth2.Token, person *profile) error {
	ctx, cancel := context.WithTimeout(ctx, userinfoTimeout)
	defer cancel()

	ctx = oidc.ClientContext(ctx, &http.Client{Transport: boundedTransport{ctx: ctx}})
	info, err := found.metadata.UserInfo(ctx, oauth2.StaticTokenSource(token))
	switch {
	case err != nil:
		err = userinfoError(err)
	case info.Subject == "":
		err = fmt.Errorf("%w: userinfo: no sub", errInvalidReply)
	case info.Subject != person.Subject:
		return fmt.Errorf("%w: userinfo: another sub than the id_token's", errInvalidReply)
	default:
		_ = info.Claims(person) // a claim of the wrong type counts as missing
	}

	if err != nil {
		p.logger.WarnContext(ctx, "sign-in without a name", "provider", p.Slug, "error", err)
	}
	return nil
}

// validSubject reports whether s is 1 to 255 printable ASCII characters (OpenID Connect
// Core, 2).
func validSubject(s string) bool {
	for _, b := range []byte(s) {
		if b < 0x20 || b > 0x7e {
			return false
		}
	}
	return s != "" && len(s) <= 255
}
