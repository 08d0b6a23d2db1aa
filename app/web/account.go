package web

import (
	"io"
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
		Last: components.SaveResult{Section: strings.Clone(c.Query("saved"))}, Name: v.Person.Name, Zone: v.Settings.TimeZone,
	})
}

func (s *Server) renderAccount(c *fiber.Ctx, v viewer, form pages.AccountForm) error {
	page := s.shell(c, v, "Account · Parley", "sheet", noConversation)
	at := pages.SessionList{Available: true}
	sessions, err := s.chat.Sessions(c.UserContext(), v.Person)
	if err != nil {
		s.logger.Warn("sessions left out of a page", "error", err)
		at.Available = false
	}
	at.Sessions = signedIn(sessions, v, page.Zone())
	return render(c, pages.Account(page, form, at))
}

// rename changes the viewer's name.
func (s *Server) changeName(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}
	if err := s.chat.Rename(c.UserContext(), v.Person, form["name"]); err != nil {
		return s.refuseChange(c, v, "profile", form, err)
	}
	if wantsJSON(c) {
		v.Person.Name, _ = chat.NormalizeName(form["name"]) // as it was just kept
		return c.JSON(fiber.Map{"user": v.Person})
	}
	return changed(c, "profile")
}

// changePicture takes a new picture, or removes the one that is there.
func (s *Server) changePicture(c *fiber.Ctx, v viewer) error {
	image, remove, err := postedPicture(c)
	switch {
	case err != nil:
		return err
	case remove:
		err = s.chat.RemovePicture(c.UserContext(), v.Person)
	default:
		err = s.chat.SetPicture(c.UserContext(), v.Person, image)
	}
	switch {
	case err != nil:
		return s.refuseChange(c, v, "picture", nil, err)
	case wantsJSON(c):
		return c.SendStatus(fiber.StatusNoContent)
	case isHTMX(c): // it is in several places of the page
		c.Set("HX-Refresh", "true")
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Redirect("/account?saved=picture#profile", fiber.StatusSeeOther)
}

// postedPicture reads the upload, which is a copy; nothing was chosen: empty.
func postedPicture(c *fiber.Ctx) (image []byte, remove bool, err error) {
	form, err := fields(c)
	if err != nil || form["remove"] != "" {
		return nil, true, err
	}
	header, err := c.FormFile("picture")
	if err != nil {
		return nil, false, nil
	}
	file, err := header.Open()
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	image, err = io.ReadAll(file)
	return image, false, err
}

// changeSettings takes any of the settings, from the form of one section.
func (s *Server) changeSettings(section string) func(*fiber.Ctx, viewer) error {
	return func(c *fiber.Ctx, v viewer) error {
		form, err := fields(c)
		if err != nil {
			return err
		}
		if form["guess"] != "" { // of the page's script
			if err := s.chat.LearnTimeZone(c.UserContext(), v.Person, form["time_zone"]); err != nil {
				return err
			}
			return c.SendStatus(fiber.StatusNoContent)
		}
		change, err := settingsChange(form)
		var settings chat.Settings
		if err == nil {
			settings, err = s.chat.ChangeSettings(c.UserContext(), v.Person, change)
		}
		switch {
		case err != nil:
			return s.refuseChange(c, v, section, form, err)
		case wantsJSON(c):
			return c.JSON(fiber.Map{"settings": settings})
		case isHTMX(c):
			return render(c, components.SaveStatus("Saved", true))
		}
		return changed(c, section)
	}
}

// settingsChange reads what a form has of the settings; what it doesn't name stays.
func settingsChange(form map[string]string) (chat.SettingsChange, error) {
	var change chat.SettingsChange
	for name, field := range map[string]**string{"theme": &change.Theme, "time_zone": &change.TimeZone} {
		if value, ok := form[name]; ok {
			*field = &value
		}
	}
	for name, field := range map[string]**bool{"share_read": &change.ShareRead, "share_presence": &change.SharePresence, "share_typing": &change.ShareTyping} {
		value, ok := form[name]
		if !ok {
			continue
		}
		on := value == "on" || value == "true"
		if !on && value != "off" && value != "false" {
			return change, chat.Invalid(name, "This is either on or off.")
		}
		*field = &on
	}
	return change, nil
}

// changed leads back to the section, which says that it was saved.
func changed(c *fiber.Ctx, section string) error {
	return c.Redirect("/account?saved="+section+"#"+section, fiber.StatusSeeOther)
}

// refuseChange says at the section what is wrong, and keeps what was typed. A script that saves by itself is told of any error there.
func (s *Server) refuseChange(c *fiber.Ctx, v viewer, section string, form map[string]string, cause error) error {
	p := s.problemOf(c, cause)
	if wantsJSON(c) || wantsProblem(c) || p.Status != fiber.StatusUnprocessableEntity && !isHTMX(c) {
		return cause
	}
	c.Status(p.Status)
	if isHTMX(c) {
		return render(c, components.SaveStatus(p.Detail, false))
	}
	page := pages.AccountForm{Last: components.SaveResult{Section: section, Problem: p.Detail}, Name: v.Person.Name, Zone: v.Settings.TimeZone}
	if name, ok := form["name"]; ok {
		page.Name = name
	}
	if zone, ok := form["time_zone"]; ok {
		page.Zone = zone
	}
	return s.renderAccount(c, v, page)
}
