package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

func (s *Server) showFront(c *fiber.Ctx, v viewer) error {
	if _, err := s.authenticate(c); err == nil {
		return c.Redirect("/conversations", fiber.StatusSeeOther)
	}
	return s.showSignIn(c, v)
}

func (s *Server) showSignIn(c *fiber.Ctx, _ viewer) error {
	form := pages.SignInForm{Dev: s.isDeveloper(c), Next: localPath(strings.Clone(c.Query("next"))), Notice: s.notice(c)}
	for _, p := range s.providers {
		form.Providers = append(form.Providers, pages.ProviderLink{Slug: p.Slug, Name: p.Name, Path: beginPath(p, form.Next)})
	}
	return render(c, pages.SignIn(s.page(c, "Parley: say it once"), form))
}

// signInDev lets anyone on this machine in as anyone. Elsewhere it doesn't exist.
func (s *Server) signInDev(c *fiber.Ctx, _ viewer) error {
	if err := s.chat.AllowSignIn(c.UserContext(), s.clientAddr(c)); err != nil {
		return err
	}
	form, err := fields(c)
	if err != nil {
		return err
	}
	who := chat.Identity{Provider: chat.ProviderDev, Name: form["name"]}
	session, token, err := s.chat.SignIn(c.UserContext(), who, strings.Clone(c.Get(fiber.HeaderUserAgent)), strings.Clone(c.Cookies(s.cookie)))
	if chat.KindOf(err) == chat.KindInvalid && !wantsJSON(c) {
		c.Status(fiber.StatusUnprocessableEntity)
		again := pages.SignInForm{Dev: true, Name: form["name"], Next: localPath(form["next"]), Problem: s.problemOf(c, err).Detail}
		return render(c, pages.SignIn(s.page(c, "Parley: say it once"), again))
	}
	if err != nil {
		return err
	}
	s.setCookie(c, token, session.ExpiresAt)
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"user": session.Person})
	}
	return c.Redirect(landingPath(form["next"]), fiber.StatusSeeOther)
}

func (s *Server) signOut(c *fiber.Ctx, v viewer) error {
	if err := s.chat.SignOut(c.UserContext(), v.Session); err != nil {
		return err
	}
	s.setCookie(c, "", time.Unix(0, 0))
	if wantsJSON(c) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Redirect("/", fiber.StatusSeeOther)
}

func (s *Server) setCookie(c *fiber.Ctx, token string, expires time.Time) {
	s.cookieFor(c, s.cookie, token, expires)
}

// cookieFor sets a cookie that no script reads and no other site's form brings.
func (s *Server) cookieFor(c *fiber.Ctx, name, value string, expires time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: "/", Expires: expires,
		HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, Secure: s.secure(),
	})
}
