package web

import (
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/components"
)

// changeSettings returns the handler of one section's form, which may change any of the
// settings.
func (s *Server) changeSettings(section string) handler {
	return func(c *fiber.Ctx, v viewer) error {
		form, err := fields(c)
		if err != nil {
			return err
		}

		if form["guess"] != "" { // the page's script reports the browser's time zone
			if err := s.accounts.LearnTimeZone(c.UserContext(), v.Person, form["time_zone"]); err != nil {
				return err
			}
			return c.SendStatus(fiber.StatusNoContent)
		}

		change, err := settingsChange(form)
		var settings chat.Settings
		if err == nil {
			settings, err = s.accounts.ChangeSettings(c.UserContext(), v.Person, change)
		}

		switch {
		case err != nil:
			return s.rejectChange(c, v, section, form, err)
		case wantsJSON(c):
			return c.JSON(fiber.Map{"settings": settings})
		case isHTMX(c):
			return render(c, components.SaveStatus("Saved", true))
		}

		return redirectToSection(c, section)
	}
}

// settingsChange returns the change of the settings that a form names. Others stay.
func settingsChange(form map[string]string) (chat.SettingsChange, error) {
	var change chat.SettingsChange
	texts := map[string]**string{"theme": &change.Theme, "time_zone": &change.TimeZone}
	switches := map[string]**bool{
		"share_read":     &change.ShareRead,
		"share_presence": &change.SharePresence,
		"share_typing":   &change.ShareTyping,
	}

	for name, field := range texts {
		if value, ok := form[name]; ok {
			*field = &value
		}
	}

	for name, field := range switches {
		if _, ok := form[name]; !ok {
			continue
		}
		on, err := switchField(form, name)
		if err != nil {
			return change, err
		}
		*field = &on
	}

	return change, nil
}
