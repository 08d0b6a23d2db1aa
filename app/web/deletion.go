package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// showDelete asks whether one means it, where no dialog can.
func (s *Server) showDelete(c *fiber.Ctx, v viewer) error {
	return s.renderDelete(c, v, pages.DeleteForm{})
}

func (s *Server) renderDelete(c *fiber.Ctx, v viewer, form pages.DeleteForm) error {
	return render(c, pages.DeleteAccount(s.shell(c, v, "Delete account · Parley", "sheet", noConversation), form))
}

// deleteAccount ends the account, and with it the session.
func (s *Server) deleteAccount(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}
	err = s.chat.DeleteAccount(c.UserContext(), v.Person, form["name"])
	if chat.KindOf(err) == chat.KindInvalid && !wantsJSON(c) {
		c.Status(fiber.StatusUnprocessableEntity)
		return s.renderDelete(c, v, pages.DeleteForm{Name: form["name"], Problem: s.problemOf(c, err).Detail})
	}
	if err != nil {
		return err
	}
	s.setCookie(c, "", time.Unix(0, 0))
	if wantsJSON(c) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	s.setFarewell(c, "1", time.Now().Add(time.Minute))
	return c.Redirect("/", fiber.StatusSeeOther)
}

// farewell is the cookie by which the front page knows that an account was just deleted. A word in the address could be in anybody's link.
const farewell = "parley-farewell"

func (s *Server) setFarewell(c *fiber.Ctx, value string, expires time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: farewell, Value: value, Path: "/", Expires: expires, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, Secure: s.secure(),
	})
}

// notice is what the front page says first, once.
func (s *Server) notice(c *fiber.Ctx) string {
	if c.Cookies(farewell) == "" {
		return ""
	}
	s.setFarewell(c, "", time.Unix(0, 0))
	return "Your account is deleted. What you wrote stays with the people you sent it to, without your name."
}
