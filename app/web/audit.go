package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"parley/app/audit"
	"parley/app/chat"
)

// audit writes the audit line of a person's act, with the client's address.
func (s *Server) audit(c *fiber.Ctx, e audit.Entry) {
	e.Address = s.clientAddr(c)
	audit.Write(c.UserContext(), s.options.Audit, e)
}

// noteSignIn counts a sign-in, and writes its audit line with the reason of a refusal. A
// client that is over its rate limit could write a line with each request, so it writes
// none.
func (s *Server) noteSignIn(c *fiber.Ctx, provider string, session chat.Session, err error) {
	result := signInResult(err)
	s.options.Observer.SignedIn(provider, result)
	if result == chat.SignInLimited {
		return
	}

	s.audit(c, audit.Entry{
		Action:   audit.SignIn,
		Result:   string(result),
		Person:   session.Person.ID,
		Session:  session.ID,
		Provider: provider,
		Err:      err,
	})
}

func signInResult(err error) chat.SignInResult {
	switch {
	case err == nil:
		return chat.SignInOK
	case errors.Is(err, errDenied):
		return chat.SignInDenied
	case errors.Is(err, errStaleSignIn):
		return chat.SignInStale
	case errors.Is(err, errProviderDown):
		return chat.SignInProviderDown
	case errors.Is(err, errInvalidReply):
		return chat.SignInInvalidReply
	}

	switch chat.KindOf(err) {
	case chat.KindTooFast:
		return chat.SignInLimited
	case chat.KindInvalid:
		return chat.SignInRefused
	}

	return chat.SignInFailed
}
