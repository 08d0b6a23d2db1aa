package web

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

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
	if !isNavigation(c) {
		return errNoNavigation
	}

	next := localPath(strings.Clone(c.Query("next")))
	if s.isOtherLoopback(c) {
		return c.Redirect(s.options.BaseURL+p.beginPath(next), fiber.StatusSeeOther)
	}
	if err := s.accounts.AllowSignInStart(c.UserContext(), s.clientAddr(c)); err != nil {
		return err
	}

	address, err := s.startFlow(c, p, next)
	if err != nil {
		s.noteSignIn(c, p.Slug, chat.Session{}, err)
		return p.signInError(next, err)
	}

	return c.Redirect(address, fiber.StatusSeeOther)
}

// startFlow begins a flow and returns the address of the provider's page.
func (s *Server) startFlow(c *fiber.Ctx, p *provider, next string) (string, error) {
	found, err := p.endpoints(c.UserContext())
	if err != nil {
		return "", err
	}

	f := newFlow(next)
	address, err := found.authURL(f)
	if err != nil {
		return "", err
	}

	return address, s.setFlowCookie(c, p, f)
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
// browser began the flow, which can be finished once. Other flows stay as they are.
func (s *Server) finishSignIn(c *fiber.Ctx, _ viewer) error {
	p, err := s.findProvider(c)
	if err != nil {
		return err
	}
	if !isNavigation(c) {
		return errNoNavigation
	}

	f, err := s.findFlow(c, p, strings.Clone(c.Query("state")))
	if err != nil {
		if err := s.accounts.AllowSignInStart(c.UserContext(), s.clientAddr(c)); err != nil {
			return err // else strangers could fill the log
		}
		_, _ = s.authenticate(c) // the page links to the conversations if they are signed in already
		err = fmt.Errorf("%w: %w", errStaleSignIn, err)
		s.noteSignIn(c, p.Slug, chat.Session{}, err)
		return p.signInError("/", err)
	}

	session, err := s.finishFlow(c, p, f)
	s.noteSignIn(c, p.Slug, session, err)
	switch {
	case err == nil:
		return c.Redirect(landingPath(f.Next), fiber.StatusSeeOther)
	case isProviderError(err):
		return p.signInError(f.Next, err)
	}

	return err
}

// finishFlow signs the person of a flow in. The flow stays, so that the callback can be
// repeated, if it ends before the flow is spent: the address has no sign-in left, or the
// store does not answer.
func (s *Server) finishFlow(c *fiber.Ctx, p *provider, f flow) (chat.Session, error) {
	code, err := callbackCode(c, p)
	if err != nil {
		s.clearCookie(c, s.flowCookie(f.State))
		return chat.Session{}, err
	}
	if err := s.accounts.AllowSignIn(c.UserContext(), s.clientAddr(c)); err != nil {
		return chat.Session{}, err
	}

	err = s.accounts.SpendSignIn(c.UserContext(), f.State, f.Expires)
	if chat.KindOf(err) == chat.KindNotFound {
		err = fmt.Errorf("%w: used before", errStaleSignIn)
	} else if err != nil {
		return chat.Session{}, err
	}

	s.clearCookie(c, s.flowCookie(f.State))
	if err != nil {
		return chat.Session{}, err
	}

	person, err := p.identify(c.UserContext(), code, f)
	if err != nil {
		return chat.Session{}, err
	}

	identity := chat.Identity{Provider: p.Key, Subject: person.Subject, Name: displayName(person)}
	session, err := s.createSession(c, identity)
	if err != nil {
		return chat.Session{}, err
	}

	s.downloadPicture(session.Person, person.Picture)
	return session, nil
}

// callbackCode returns the code of a callback, or the provider's error instead of it.
func callbackCode(c *fiber.Ctx, p *provider) (string, error) {
	if issuer := c.Query("iss"); issuer != "" && issuer != p.Issuer { // RFC 9207
		return "", fmt.Errorf("%w: callback: issuer %.200q, want %q", errInvalidReply, issuer, p.Issuer)
	}
	if refusal := c.Query("error"); refusal != "" {
		return "", callbackError(strings.Clone(refusal))
	}

	code := strings.Clone(c.Query("code"))
	if code == "" {
		return "", fmt.Errorf("%w: callback: neither a code nor an error", errInvalidReply)
	}
	return code, nil
}

// displayName returns the best name that a provider has of a person. A name that may be
// an e-mail address is used up to its @ only.
func displayName(p profile) string {
	nick := p.Nickname
	if nick == "" {
		nick = p.Username
	}

	nick, _, _ = strings.Cut(nick, "@")
	for _, name := range []string{p.Name, p.GivenName + " " + p.Family, nick} {
		if name = strings.TrimSpace(name); name != "" && !strings.Contains(name, "@") {
			return name
		}
	}
	return nick
}
