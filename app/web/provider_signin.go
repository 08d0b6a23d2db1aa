package web

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/markbates/goth"

	"parley/app/chat"
	"parley/app/safehttp"
)

// providerOf finds the provider of an address.
func (s *Server) providerOf(c *fiber.Ctx) (*provider, error) {
	for _, p := range s.providers {
		if p.Slug == c.Params("provider") {
			return p, nil
		}
	}
	return nil, fiber.ErrNotFound
}

// beginSignIn sends somebody to a provider.
func (s *Server) beginSignIn(c *fiber.Ctx, _ viewer) error {
	p, err := s.providerOf(c)
	if err != nil {
		return err
	}
	next := localPath(strings.Clone(c.Query("next")))
	if home, elsewhere := s.otherLoopback(c); elsewhere {
		return c.Redirect(home+beginPath(p, next), fiber.StatusSeeOther)
	}
	if err := s.chat.AllowSignIn(c.UserContext(), s.clientAddr(c)); err != nil {
		return err
	}
	found, err := p.endpoints(c.UserContext())
	if err != nil {
		return s.signInFailed(p, next, err)
	}
	f := newFlow(next)
	address, err := found.begin(f)
	if err != nil {
		return s.signInFailed(p, next, err)
	}
	if err := s.keepFlow(c, p, f); err != nil {
		return err
	}
	return c.Redirect(address, fiber.StatusSeeOther)
}

// otherLoopback tells a request to this machine by another of its names: a cookie that was set there would not come back with the answer.
func (s *Server) otherLoopback(c *fiber.Ctx) (home string, elsewhere bool) {
	u, err := url.Parse(s.options.BaseURL)
	host := string(c.Request().Host())
	return s.options.BaseURL, err == nil && s.options.PublicURL == nil && safehttp.IsLoopbackHost(host) && !strings.EqualFold(host, u.Host)
}

// finishSignIn takes somebody back from a provider. What comes with the request is believed only if this browser began it, once.
func (s *Server) finishSignIn(c *fiber.Ctx, _ viewer) error {
	p, err := s.providerOf(c)
	if err != nil {
		return err
	}
	f, err := s.takeFlow(c, p)
	if err == nil && subtle.ConstantTimeCompare([]byte(c.Query("state")), []byte(f.State)) != 1 {
		err = errors.New("another state")
	}
	if err != nil {
		_, _ = s.authenticate(c) // the page leads back into Parley if they are signed in already
		return s.signInFailed(p, "/", fmt.Errorf("%w: %w", errStale, err))
	}
	if issuer := c.Query("iss"); issuer != "" && issuer != p.Issuer { // RFC 9207
		return s.signInFailed(p, f.Next, fmt.Errorf("%w: another issuer", errNonsense))
	}
	if refusal := c.Query("error"); refusal != "" {
		return s.signInFailed(p, f.Next, refusedWith(refusal))
	}
	err = s.chat.SpendSignIn(c.UserContext(), f.State, f.Expires)
	if chat.KindOf(err) == chat.KindNotFound {
		return s.signInFailed(p, f.Next, fmt.Errorf("%w: it was used before", errStale))
	}
	if err != nil {
		return err
	}
	user, err := p.identify(c.UserContext(), strings.Clone(c.Query("code")), f)
	if err != nil {
		return s.signInFailed(p, f.Next, err)
	}
	return s.welcomeIn(c, p, user, f.Next)
}

// welcomeIn opens the session. The picture comes by itself, later.
func (s *Server) welcomeIn(c *fiber.Ctx, p *provider, user goth.User, next string) error {
	who := chat.Identity{Provider: p.Key, Subject: user.UserID, Name: nameOf(user)}
	session, token, err := s.chat.SignIn(c.UserContext(), who, strings.Clone(c.Get(fiber.HeaderUserAgent)), strings.Clone(c.Cookies(s.cookie)))
	if err != nil {
		return err
	}
	s.setCookie(c, token, session.ExpiresAt)
	s.downloadPicture(session.Person, user.AvatarURL)
	return c.Redirect(landingPath(next), fiber.StatusSeeOther)
}

// nameOf is the best that a provider says. What may be an e-mail address is cut at its @.
func nameOf(user goth.User) string {
	nick, _, _ := strings.Cut(user.NickName, "@")
	for _, name := range []string{user.Name, user.FirstName + " " + user.LastName, nick} {
		if name = strings.TrimSpace(name); name != "" && !strings.Contains(name, "@") {
			return name
		}
	}
	return nick
}

// errDenied is a sign-in that its person, or the provider, didn't want.
var errDenied = errors.New("denied at the provider")

// refusedWith reads the error that came instead of a code (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6).
func refusedWith(code string) error {
	switch code {
	case "access_denied", "consent_required", "login_required", "interaction_required", "account_selection_required":
		return errDenied
	case "server_error", "temporarily_unavailable":
		return fmt.Errorf("%w: %s", errAway, code)
	}
	return fmt.Errorf("%w: %.60q", errNonsense, code)
}

// signInFailed says what became of a sign-in, and how to try it again.
func (s *Server) signInFailed(p *provider, next string, err error) error {
	failed := &problemError{err: err, problem: problem{again: beginPath(p, next)}}
	switch {
	case errors.Is(err, errDenied):
		failed.problem.is(fiber.StatusForbidden, "sign-in-denied", "You weren’t signed in", p.Name+" didn’t let Parley know who you are, and nothing was kept. You can try again, or leave it.")
	case errors.Is(err, errStale):
		failed.problem.is(fiber.StatusBadRequest, "sign-in-stale", "This sign-in is over", "It was begun too long ago, in another window, or has been used already. Nothing is lost: start it again.")
	case errors.Is(err, errAway):
		failed.problem.is(fiber.StatusServiceUnavailable, "provider-away", p.Name+" isn’t answering", "Parley can’t ask "+p.Name+" who you are just now. Please try again in a moment.")
		failed.problem.retryAfter = 10
	default:
		failed.problem.is(fiber.StatusBadGateway, "provider-nonsense", p.Name+" gave no usable answer", "Parley couldn’t make out who you are from what "+p.Name+" said, so you weren’t signed in. You can try again; if it goes on, tell whoever runs this Parley.")
	}
	return failed
}

func beginPath(p *provider, next string) string {
	if next == "/" {
		return "/auth/" + p.Slug
	}
	return "/auth/" + p.Slug + "?next=" + url.QueryEscape(next)
}
