package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gofiber/fiber/v2"
	"golang.org/x/oauth2"
)

// Errors of a sign-in with a provider. Their causes are for the log, and contain neither
// addresses nor claims.
var (
	errProviderDown = errors.New("provider is unavailable")
	errInvalidReply = errors.New("provider's reply is invalid")
	errStaleSignIn  = errors.New("sign-in is over")
	errDenied       = errors.New("sign-in was denied at the provider")
)

// callbackError returns the error of a callback's error code (RFC 6749, 4.1.2.1; OpenID
// Connect Core, 3.1.2.6).
func callbackError(code string) error {
	switch code {
	case "access_denied", "consent_required", "login_required", "interaction_required",
		"account_selection_required":
		return errDenied
	case "server_error", "temporarily_unavailable":
		return fmt.Errorf("%w: %s", errProviderDown, code)
	}

	return fmt.Errorf("%w: %.60q", errInvalidReply, code)
}

// mapProviderError returns errProviderDown, errStaleSignIn or errInvalidReply for an error
// of goth, go-oidc or oauth2. Their texts may quote a reply with its claims, so only
// harmless causes are kept.
func mapProviderError(err error) error {
	var refused *oauth2.RetrieveError
	var call *url.Error
	var expired *oidc.TokenExpiredError
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode == "invalid_grant":
		return fmt.Errorf("%w: invalid_grant", errStaleSignIn)
	case errors.As(err, &refused):
		return fmt.Errorf("%w: %.60q", errInvalidReply, refused.ErrorCode)
	case errors.As(err, &call):
		return fmt.Errorf("%w: %w", errProviderDown, call.Err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: connection lost", errProviderDown)
	case errors.As(err, &expired), errors.As(err, &mismatch):
		return fmt.Errorf("%w: %w", errInvalidReply, err)
	}

	return fmt.Errorf("%w: %T", errInvalidReply, err)
}

// signInError returns the problem of a failed sign-in, whose page links to another attempt.
func (p *provider) signInError(next string, err error) error {
	result := problem{retryPath: p.beginPath(next)}
	switch {
	case errors.Is(err, errDenied):
		result.Status, result.Type = fiber.StatusForbidden, "sign-in-denied"
		result.Title = "You weren’t signed in"
		result.Detail = p.Name + " didn’t let Parley know who you are, and nothing was kept. You can try again, or leave it."
	case errors.Is(err, errStaleSignIn):
		result.Status, result.Type = fiber.StatusBadRequest, "sign-in-stale"
		result.Title = "This sign-in is over"
		result.Detail = "It was begun too long ago, in another window, or has been used already. Nothing is lost: start it again."
	case errors.Is(err, errProviderDown):
		result.Status, result.Type, result.retryAfter = fiber.StatusServiceUnavailable, "provider-away", 10
		result.Title = p.Name + " isn’t answering"
		result.Detail = "Parley can’t ask " + p.Name + " who you are just now. Please try again in a moment."
	default:
		result.Status, result.Type = fiber.StatusBadGateway, "provider-nonsense"
		result.Title = p.Name + " gave no usable answer"
		result.Detail = "Parley couldn’t make out who you are from what " + p.Name + " said, so you weren’t signed in. " +
			"You can try again; if it goes on, tell whoever runs this Parley."
	}

	return &problemError{err: err, problem: result}
}

// beginPath returns the address that begins a sign-in, which then leads to next.
func (p *provider) beginPath(next string) string {
	if next == "/" {
		return "/auth/" + p.Slug
	}
	return "/auth/" + p.Slug + "?next=" + url.QueryEscape(next)
}
