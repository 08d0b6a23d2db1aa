package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/components"
	"parley/views/pages"
)

func (s *Server) showAccount(c *fiber.Ctx, v viewer) error {
	if wantsJSON(c) {
		return c.JSON(fiber.Map{"user": v.Person, "settings": v.Settings})
	}

	return s.renderAccount(c, v, pages.AccountForm{
		Last: components.SaveResult{Section: strings.Clone(c.Query("saved"))},
		Name: v.Person.Name,
		Zone: v.Settings.TimeZone,
	})
}

// renderAccount renders the account's page. Sessions that can't be read are omitted.
func (s *Server) renderAccount(c *fiber.Ctx, v viewer, form pages.AccountForm) error {
	page := s.shell(c, v, "Account · Parley", "sheet", noConversation)
	list := pages.SessionList{Available: true}
	sessions, err := s.accounts.Sessions(c.UserContext(), v.Person)
	if err != nil {
		s.logger.Warn("sessions omitted from a page", "error", err)
		list.Available = false
	}

	list.Sessions = sessionRows(sessions, v)
	return render(c, pages.Account(page, form, list))
}

// changeName changes the viewer's name.
func (s *Server) changeName(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}
	if err := s.accounts.Rename(c.UserContext(), v.Person, form["name"]); err != nil {
		return s.rejectChange(c, v, "profile", form, err)
	}

	if wantsJSON(c) {
		v.Person.Name, _ = chat.NormalizeName(form["name"]) // as it was saved
		return c.JSON(fiber.Map{"user": v.Person})
	}

	return redirectToSection(c, "profile")
}

// redirectToSection redirects to a section of the account's page, which confirms that it
// was saved.
func redirectToSection(c *fiber.Ctx, section string) error {
	return c.Redirect("/account?saved="+section+"#"+section, fiber.StatusSeeOther)
}

// rejectChange shows at the section why a change was rejected. A plain form gets the page
// with the typed values, if they were invalid. A form that the page's script saves gets
// any error as a fragment.
func (s *Server) rejectChange(
	c *fiber.Ctx,
	v viewer,
	section string,
	form map[string]string,
	cause error,
) error {
	p := s.problemOf(c, cause)
	if wantsProblem(c) || p.Status != fiber.StatusUnprocessableEntity && !isHTMX(c) {
		return cause
	}

	c.Status(p.Status)
	if isHTMX(c) {
		return render(c, components.SaveStatus(p.Detail, false))
	}

	shown := pages.AccountForm{
		Last: components.SaveResult{Section: section, Problem: p.Detail},
		Name: v.Person.Name,
		Zone: v.Settings.TimeZone,
	}
	if name, ok := form["name"]; ok {
		shown.Name = name
	}
	if zone, ok := form["time_zone"]; ok {
		shown.Zone = zone
	}

	return s.renderAccount(c, v, shown)
}
