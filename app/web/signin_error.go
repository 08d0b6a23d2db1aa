package web

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/gofiber/fiber/v2"
)

// Errors of a sign-in with a provider. Their causes are for the log (provider_error.go).
var (
	errProviderDown = errors.New("provider is unavailable")
	errInvalidReply = errors.New("provider's reply is invalid")
	errStaleSignIn  = errors.New("sign-in is over")
	errDenied       = errors.New("sign-in was denied at the provider")
)

// isProviderError reports whether a sign-in failed at the provider or by its flow.
func isProviderError(err error) bool {
	for _, kind := range []error{errProviderDown, errInvalidReply, errStaleSignIn, errDenied} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

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

	return fmt.Errorf("%w: callback: %.60q", errInvalidReply, code)
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
