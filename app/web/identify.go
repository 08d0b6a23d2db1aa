package web

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/markbates/goth"
	"github.com/markbates/goth/providers/openidConnect"
)

// identify exchanges a code for the person who signed in at the provider for this flow.
// The result's UserID is the verified subject.
func (p *provider) identify(ctx context.Context, code string, f flow) (user goth.User, err error) {
	defer func() {
		if r := recover(); r != nil { // goth asserts types of a provider's reply
			err = fmt.Errorf("%w: panic", errInvalidReply)
		}
	}()

	select {
	case p.exchanges <- struct{}{}:
		defer func() { <-p.exchanges }()
	default:
		return goth.User{}, fmt.Errorf("%w: %d exchanges are in flight", errProviderDown, maxExchanges)
	}

	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	found, err := p.endpoints(ctx)
	if err != nil {
		return goth.User{}, err
	}

	// A copy of the client whose calls end with ctx.
	client := *found.oauth
	client.HTTPClient = &http.Client{Transport: boundedTransport{ctx}}
	session := &openidConnect.Session{}
	if _, err := session.Authorize(&client, url.Values{"code": {code}, "code_verifier": {f.Verifier}}); err != nil {
		return goth.User{}, mapProviderError(err)
	}

	token, err := found.verifier.Verify(ctx, session.IDToken)
	if err != nil {
		return goth.User{}, mapProviderError(err)
	}

	named, err := p.checkToken(token, session.AccessToken, f)
	if err != nil {
		return goth.User{}, err
	}

	// The issuer was verified; Google's may lack its https://.
	config := *client.OpenIDConfig
	config.Issuer = token.Issuer
	client.OpenIDConfig, client.SkipUserInfoRequest = &config, named
	user, err = client.FetchUser(session)
	if err != nil {
		return goth.User{}, mapProviderError(err)
	}

	user.UserID = token.Subject
	return user, nil
}

// checkToken checks the claims that go-oidc does not: the token is of this flow and for
// this client. It reports whether the token has a name.
func (p *provider) checkToken(token *oidc.IDToken, accessToken string, f flow) (named bool, err error) {
	var claims struct {
		Name  string `json:"name"`
		Party string `json:"azp"`
	}
	if err := token.Claims(&claims); err != nil {
		return false, fmt.Errorf("%w: claims of the id_token", errInvalidReply)
	}

	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.Nonce)) != 1:
		return false, fmt.Errorf("%w: another nonce", errInvalidReply)
	case claims.Party != "" && claims.Party != p.ClientID, claims.Party == "" && len(token.Audience) > 1:
		return false, fmt.Errorf("%w: id_token for another client", errInvalidReply)
	case token.AccessTokenHash != "" && token.VerifyAccessToken(accessToken) != nil:
		return false, fmt.Errorf("%w: another access token", errInvalidReply)
	case !validSubject(token.Subject):
		return false, fmt.Errorf("%w: invalid subject", errInvalidReply)
	}

	return claims.Name != "", nil
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
