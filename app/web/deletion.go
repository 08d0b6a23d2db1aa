package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/audit"
	"parley/app/chat"
	"parley/views/pages"
)

// deletedCookie makes the front page confirm that an account was just deleted. A
// parameter in the address would not do, because anybody could link to it.
const deletedCookie = "parley-farewell"

// showDelete asks for confirmation, for pages without a script.
func (s *Server) showDelete(c *fiber.Ctx, v viewer) error {
	return s.renderDelete(c, v, pages.DeleteForm{})
}

func (s *Server) renderDelete(c *fiber.Ctx, v viewer, form pages.DeleteForm) error {
	page := s.shell(c, v, "Delete account · Parley", "sheet", noConversation)
	return render(c, pages.DeleteAccount(page, form))
}

// deleteAccount deletes the viewer's account and ends its sessions.
func (s *Server) deleteAccount(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}

	err = s.accounts.DeleteAccount(c.UserContext(), v.Person, form["name"])
	s.audit(c, audit.Entry{Action: audit.DeleteAccount, Person: v.Person.ID, Session: v.ID, Err: err})
	if chat.KindOf(err) == chat.KindInvalid && wantsPage(c) {
		c.Status(fiber.StatusUnprocessableEntity)
		return s.renderDelete(c, v, pages.DeleteForm{Name: form["name"], Problem: s.problemOf(c, err).Detail})
	}
	if err != nil {
		return err
	}

	s.clearCookie(c, s.cookie)
	if wantsJSON(c) {
		return c.SendStatus(fiber.StatusNoContent)
	}

	s.setCookie(c, deletedCookie, "1", time.Now().Add(time.Minute))
	return c.Redirect("/", fiber.StatusSeeOther)
}

// deletionNotice returns the front page's confirmation of a deletion, once, or "".
func (s *Server) deletionNotice(c *fiber.Ctx) string {
	if c.Cookies(deletedCookie) == "" || !isNavigation(c) {
		return ""
	}
	s.clearCookie(c, deletedCookie)
	return "Your account is deleted. What you wrote stays with the people you sent it to, without your name."
}
