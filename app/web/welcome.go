package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// confirmed leads the page of somebody whose name is not confirmed yet to where it is. Programs, fragments and forms are let through.
func confirmed(c *fiber.Ctx, session chat.Session) (elsewhere string) {
	if session.Confirmed || c.Method() != fiber.MethodGet || wantsJSON(c) || isHTMX(c) || c.Path() == "/welcome" {
		return ""
	}
	return "/welcome?next=" + url.QueryEscape(localPath(strings.Clone(c.OriginalURL())))
}

func (s *Server) showWelcome(c *fiber.Ctx, v viewer) error {
	next := inside(strings.Clone(c.Query("next")))
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"user": v.Person, "confirmed": v.Confirmed})
	}
	if v.Confirmed {
		return c.Redirect(next, fiber.StatusSeeOther)
	}
	return render(c, pages.Welcome(s.page(c, "Your name · Parley"), pages.WelcomeForm{Person: v.Person, Name: v.Person.Name, Next: next}))
}

func (s *Server) confirmName(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}
	next := inside(form["next"])
	err = s.chat.Rename(c.UserContext(), v.Person, form["name"])
	if chat.KindOf(err) == chat.KindInvalid && !wantsJSON(c) {
		c.Status(fiber.StatusUnprocessableEntity)
		again := pages.WelcomeForm{Person: v.Person, Name: form["name"], Next: next, Problem: s.problemOf(c, err).Detail}
		return render(c, pages.Welcome(s.page(c, "Your name · Parley"), again))
	}
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		session, err := s.authenticate(c)
		if err != nil {
			return err
		}
		return c.JSON(fiber.Map{"user": session.Person})
	}
	return c.Redirect(next, fiber.StatusSeeOther)
}

// inside is where somebody was going, or their conversations.
func inside(next string) string {
	if next = localPath(next); next == "/" {
		return "/conversations"
	}
	return next
}
