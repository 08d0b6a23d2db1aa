package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// The functions of this file say in words of their own at which step a provider's reply
// was refused, and why. The libraries' texts may quote a reply with its claims, so none
// of them is passed on.

// callError returns the error of a call that got no usable reply, and false for other
// errors.
func callError(step string, err error) (error, bool) {
	var status statusFailure
	var call *url.Error
	switch {
	case errors.As(err, &status) && status < http.StatusInternalServerError:
		return fmt.Errorf("%w: %s: %w", errInvalidReply, step, status), true
	case errors.As(err, &call):
		return fmt.Errorf("%w: %s: %w", errProviderDown, step, call.Err), true
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %s: connection lost", errProviderDown, step), true
	}
	return nil, false
}

func discoveryError(err error) error {
	if lost, ok := callError("discovery", err); ok {
		return lost
	}

	var mismatch *oidc.IssuerMismatchError
	if errors.As(err, &mismatch) {
		return fmt.Errorf("%w: discovery: the provider calls itself %.200q, and the issuer in the settings is %q",
			errInvalidReply, mismatch.Discovered, mismatch.Provided)
	}

	return fmt.Errorf("%w: discovery: the answer is no discovery document", errInvalidReply)
}

// refusesClient reports whether a token endpoint refused the client, or the way in which
// it sent its secret, rather than the code.
func refusesClient(err error) bool {
	var refused *oauth2.RetrieveError
	return errors.As(err, &refused) && refused.ErrorCode != "invalid_grant"
}

// exchangeError returns errStaleSignIn for a code that is over. The answer to a wrong
// client secret names the settings.
func exchangeError(err error) error {
	if err == nil {
		return nil
	}
	if lost, ok := callError("token exchange", err); ok {
		return lost
	}

	var refused *oauth2.RetrieveError
	switch {
	case !errors.As(err, &refused):
		return fmt.Errorf("%w: token exchange: the answer is no token response", errInvalidReply)
	case refused.ErrorCode == "invalid_grant":
		return fmt.Errorf("%w: token exchange: invalid_grant", errStaleSignIn)
	case refused.ErrorCode == "invalid_client", refused.ErrorCode == "unauthorized_client":
		return fmt.Errorf("%w: token exchange: %s: the provider refuses the client id or the client secret",
			errInvalidReply, refused.ErrorCode)
	case refused.ErrorCode != "":
		return fmt.Errorf("%w: token exchange: %.60q", errInvalidReply, refused.ErrorCode)
	}

	return fmt.Errorf("%w: token exchange: status %d", errInvalidReply, refused.Response.StatusCode)
}

func userinfoError(err error) error {
	if lost, ok := callError("userinfo", err); ok {
		return lost
	}
	return fmt.Errorf("%w: userinfo: the answer is no JSON object", errInvalidReply)
}

// unverified has the parts of an id_token that can explain why it was refused.
type unverified struct {
	Algorithm string
	Key       string
	Issuer    string           `json:"iss"`
	Audience  any              `json:"aud"`
	Expiry    json.RawMessage  `json:"exp"`
	NotBefore *json.RawMessage `json:"nbf"`
}

// tokenError explains why go-oidc refused an id_token: keysErr is the error of the
// signature's check, err go-oidc's own. Nothing here decides whether a token is accepted.
func (p *provider) tokenError(raw string, algorithms []string, keysErr, err error) error {
	if lost, ok := callError("keys (jwks_uri)", keysErr); ok {
		return lost
	}

	token, words := readUnverified(raw)
	if words == "" {
		words = p.tokenWords(token, algorithms, keysErr != nil, err)
	}
	return fmt.Errorf("%w: id_token: %s", errInvalidReply, words)
}

// clockLeeway is go-oidc's for nbf.
const clockLeeway = 5 * time.Minute

func (p *provider) tokenWords(token unverified, algorithms []string, badSignature bool, err error) string {
	var expired *oidc.TokenExpiredError
	expiry, numeric := unixTime(token.Expiry)
	switch {
	case !slices.Contains(algorithms, token.Algorithm):
		return fmt.Sprintf("algorithm %.20q, and the provider's own are %s",
			token.Algorithm, strings.Join(algorithms, ", "))
	case badSignature:
		return fmt.Sprintf("the signature is not by the provider's key (kid %.60q), "+
			"or the keys at jwks_uri can't be read", token.Key)
	case !numeric:
		return "exp is no time"
	case len(token.Expiry) == 0:
		return "exp is missing"
	case token.Issuer != p.Issuer && token.Issuer != strings.TrimPrefix(p.Issuer, "https://"):
		return fmt.Sprintf("issuer %.200q, want %q", token.Issuer, p.Issuer)
	case !names(token.Audience, p.ClientID):
		return fmt.Sprintf("audience %.200q, want the client id %q", fmt.Sprint(token.Audience), p.ClientID)
	case errors.As(err, &expired):
		return fmt.Sprintf("expired at %s: the clock of this machine or of the provider may be wrong",
			expiry.UTC().Format(time.RFC3339))
	}

	if token.NotBefore != nil {
		start, numeric := unixTime(*token.NotBefore)
		switch {
		case !numeric:
			return "nbf is no time"
		case start.After(time.Now().Add(clockLeeway)):
			return fmt.Sprintf("not valid before %s: the clock of this machine or of the provider may be wrong",
				start.UTC().Format(time.RFC3339))
		}
	}

	return "a claim has the wrong type"
}

// readUnverified reads a token without checking it; words say why it can't be read.
func readUnverified(raw string) (token unverified, words string) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return token, "it is no signed token"
	}

	var header struct {
		Algorithm string `json:"alg"`
		Key       string `json:"kid"`
	}
	for i, target := range []any{&header, &token} {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(b, target)
		}

		var wrong *json.UnmarshalTypeError
		switch {
		case errors.As(err, &wrong) && wrong.Field != "":
			return token, wrong.Field + " has the wrong type"
		case err != nil:
			return token, "it is no signed token"
		}
	}

	token.Algorithm, token.Key = header.Algorithm, header.Key
	return token, ""
}

// unixTime returns the time of a claim. A missing claim is the beginning of 1970.
func unixTime(claim json.RawMessage) (time.Time, bool) {
	if len(claim) == 0 {
		return time.Unix(0, 0), true
	}
	var seconds float64
	if err := json.Unmarshal(claim, &seconds); err != nil {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// names reports whether an audience, a text or a list of texts, has a client.
func names(audience any, client string) bool {
	list, ok := audience.([]any)
	return audience == any(client) || ok && slices.Contains(list, any(client))
}
