package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/app/audit"
	"parley/app/chat"
	"parley/views/pages"
)

// showFront shows the sign-in page, or redirects to the conversations.
func (s *Server) showFront(c *fiber.Ctx, v viewer) error {
	if _, err := s.authenticate(c); err == nil {
		return c.Redirect("/conversations", fiber.StatusSeeOther)
	}
	return s.showSignIn(c, v)
}

func (s *Server) showSignIn(c *fiber.Ctx, _ viewer) error {
	form := s.signInForm(c, localPath(strings.Clone(c.Query("next"))))
	form.Notice = s.deletionNotice(c)
	if strings.HasPrefix(form.Next, invitePath) {
		c.Set(robotsTag, noIndex) // the usual referrer policy: the form needs an origin
		form.Notice = "Somebody has invited you to talk with them. Sign in to see who."
	}

	return s.renderSignIn(c, form)
}

// signInForm returns the ways to sign in, each of which leads to the local path next.
func (s *Server) signInForm(c *fiber.Ctx, next string) pages.SignInForm {
	form := pages.SignInForm{Dev: s.isDeveloper(c), Next: next}

	for _, p := range s.providers {
		form.Providers = append(form.Providers, pages.ProviderLink{
			Slug: p.Slug,
			Name: p.Name,
			Path: p.beginPath(form.Next),
		})
	}

	return form
}

func (s *Server) renderSignIn(c *fiber.Ctx, form pages.SignInForm) error {
	return render(c, pages.SignIn(s.page(c, "Parley: say it once"), form))
}

// signInDev signs a developer in under any name.
func (s *Server) signInDev(c *fiber.Ctx, _ viewer) error {
	if err := s.accounts.AllowSignIn(c.UserContext(), s.clientAddr(c)); err != nil {
		s.noteSignIn(c, chat.ProviderDev, chat.Session{}, err)
		return err
	}

	form, err := fields(c)
	if err != nil {
		return err
	}

	session, err := s.createSession(c, chat.Identity{Provider: chat.ProviderDev, Name: form["name"]})
	s.noteSignIn(c, chat.ProviderDev, session, err)
	if chat.KindOf(err) == chat.KindInvalid && wantsPage(c) {
		c.Status(fiber.StatusUnprocessableEntity)
		return s.renderSignIn(c, pages.SignInForm{
			Dev:     true,
			Name:    form["name"],
			Next:    localPath(form["next"]),
			Problem: s.problemOf(c, err).Detail,
		})
	}
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"user": session.Person})
	}

	return c.Redirect(landingPath(form["next"]), fiber.StatusSeeOther)
}

// createSession signs a person in, and replaces the session that the browser had.
func (s *Server) createSession(c *fiber.Ctx, identity chat.Identity) (chat.Session, error) {
	device, previous := strings.Clone(c.Get(fiber.HeaderUserAgent)), strings.Clone(c.Cookies(s.cookie))
	session, token, err := s.accounts.SignIn(c.UserContext(), identity, device, previous)
	if err != nil {
		return chat.Session{}, err
	}
	s.setSessionCookie(c, token, session.ExpiresAt)
	return session, nil
}

func (s *Server) signOut(c *fiber.Ctx, v viewer) error {
	err := s.accounts.SignOut(c.UserContext(), v.Session)
	s.audit(c, audit.Entry{Action: audit.SignOut, Person: v.Person.ID, Session: v.ID, Err: err})
	if err != nil {
		return err
	}

	s.clearCookie(c, s.cookie)
	if wantsJSON(c) {
		return c.SendStatus(fiber.StatusNoContent)
	}

	return c.Redirect("/", fiber.StatusSeeOther)
}
