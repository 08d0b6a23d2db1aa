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

// findProvider returns the provider that the path names.
func (s *Server) findProvider(c *fiber.Ctx) (*provider, error) {
	for _, p := range s.providers {
		if p.Slug == c.Params("provider") {
			return p, nil
		}
	}
	return nil, fiber.ErrNotFound
}

// beginSignIn redirects to a provider.
func (s *Server) beginSignIn(c *fiber.Ctx, _ viewer) error {
	p, err := s.findProvider(c)
	if err != nil {
		return err
	}

	next := localPath(strings.Clone(c.Query("next")))
	if s.isOtherLoopback(c) {
		return c.Redirect(s.options.BaseURL+p.beginPath(next), fiber.StatusSeeOther)
	}
	if err := s.accounts.AllowSignIn(c.UserContext(), s.clientAddr(c)); err != nil {
		return err
	}

	found, err := p.endpoints(c.UserContext())
	if err != nil {
		return p.signInError(next, err)
	}

	f := newFlow(next)
	address, err := found.authURL(f)
	if err != nil {
		return p.signInError(next, err)
	}
	if err := s.setFlowCookie(c, p, f); err != nil {
		return err
	}

	return c.Redirect(address, fiber.StatusSeeOther)
}

// isOtherLoopback reports whether a request to this machine uses another name than
// BaseURL, as 127.0.0.1 and localhost are. The provider redirects to BaseURL, where the
// browser would not send a cookie of the other name.
func (s *Server) isOtherLoopback(c *fiber.Ctx) bool {
	u, err := url.Parse(s.options.BaseURL)
	host := string(c.Request().Host())
	return err == nil && s.options.PublicURL == nil && safehttp.IsLoopbackHost(host) && !strings.EqualFold(host, u.Host)
}

// finishSignIn is where the provider redirects to. The request is trusted only if this
// browser began the flow, which can be finished once.
func (s *Server) finishSignIn(c *fiber.Ctx, _ viewer) error {
	p, err := s.findProvider(c)
	if err != nil {
		return err
	}

	f, err := s.takeFlow(c, p)
	if err == nil && subtle.ConstantTimeCompare([]byte(c.Query("state")), []byte(f.State)) != 1 {
		err = errors.New("another state")
	}

	if err != nil {
		_, _ = s.authenticate(c) // the page links to the conversations if they are signed in already
		return p.signInError("/", fmt.Errorf("%w: %w", errStaleSignIn, err))
	}

	if issuer := c.Query("iss"); issuer != "" && issuer != p.Issuer { // RFC 9207
		return p.signInError(f.Next, fmt.Errorf("%w: another issuer", errInvalidReply))
	}
	if code := c.Query("error"); code != "" {
		return p.signInError(f.Next, callbackError(code))
	}

	err = s.accounts.SpendSignIn(c.UserContext(), f.State, f.Expires)
	if chat.KindOf(err) == chat.KindNotFound {
		return p.signInError(f.Next, fmt.Errorf("%w: used before", errStaleSignIn))
	}
	if err != nil {
		return err
	}

	user, err := p.identify(c.UserContext(), strings.Clone(c.Query("code")), f)
	if err != nil {
		return p.signInError(f.Next, err)
	}

	person, err := s.createSession(c, chat.Identity{Provider: p.Key, Subject: user.UserID, Name: displayName(user)})
	if err != nil {
		return err
	}

	s.downloadPicture(person, user.AvatarURL)
	return c.Redirect(landingPath(f.Next), fiber.StatusSeeOther)
}

// displayName returns the best name that a provider has of a person. A name that may be
// an e-mail address is used up to its @ only.
func displayName(user goth.User) string {
	nick, _, _ := strings.Cut(user.NickName, "@")
	for _, name := range []string{user.Name, user.FirstName + " " + user.LastName, nick} {
		if name = strings.TrimSpace(name); name != "" && !strings.Contains(name, "@") {
			return name
		}
	}
	return nick
}
