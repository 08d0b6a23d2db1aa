package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// needsName reports whether a request must wait until the person has confirmed their
// name: pages must; programs, fragments and forms need not.
func needsName(c *fiber.Ctx, session chat.Session) bool {
	return !session.Confirmed && c.Method() == fiber.MethodGet && !wantsJSON(c) && !isHTMX(c)
}

// welcomePath returns the address where a name is confirmed, and which then leads back
// to the requested page.
func welcomePath(c *fiber.Ctx) string {
	return "/welcome?next=" + url.QueryEscape(localPath(strings.Clone(c.OriginalURL())))
}

func (s *Server) showWelcome(c *fiber.Ctx, v viewer) error {
	next := landingPath(strings.Clone(c.Query("next")))
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"user": v.Person, "confirmed": v.Confirmed})
	}
	if v.Confirmed {
		return c.Redirect(next, fiber.StatusSeeOther)
	}

	return s.renderWelcome(c, pages.WelcomeForm{Person: v.Person, Name: v.Person.Name, Next: next})
}

func (s *Server) renderWelcome(c *fiber.Ctx, form pages.WelcomeForm) error {
	return render(c, pages.Welcome(s.page(c, "Your name · Parley"), form))
}

// confirmName saves the name of the viewer, who may have changed it.
func (s *Server) confirmName(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}

	next := landingPath(form["next"])

	err = s.accounts.Rename(c.UserContext(), v.Person, form["name"])
	if chat.KindOf(err) == chat.KindInvalid && wantsPage(c) {
		c.Status(fiber.StatusUnprocessableEntity)
		return s.renderWelcome(c, pages.WelcomeForm{
			Person:  v.Person,
			Name:    form["name"],
			Next:    next,
			Problem: s.problemOf(c, err).Detail,
		})
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
