package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Server) pinConversation(c *fiber.Ctx, v viewer) error {
	return s.arrange(c, func(id uuid.UUID, form map[string]string) error {
		on, err := switchField(form, "on")
		if err != nil {
			return err
		}
		return s.messages.Pin(c.UserContext(), v.Person, id, on)
	})
}

func (s *Server) archiveConversation(c *fiber.Ctx, v viewer) error {
	return s.arrange(c, func(id uuid.UUID, form map[string]string) error {
		on, err := switchField(form, "on")
		if err != nil {
			return err
		}
		return s.messages.Archive(c.UserContext(), v.Person, id, on)
	})
}

func (s *Server) changeNotifications(c *fiber.Ctx, v viewer) error {
	return s.arrange(c, func(id uuid.UUID, form map[string]string) error {
		change, err := chat.NewNotifyChange(form["level"], form["mute"])
		if err != nil {
			return err
		}
		return s.messages.ChangeNotifications(c.UserContext(), v.Person, id, change)
	})
}

func (s *Server) markUnread(c *fiber.Ctx, v viewer) error {
	return s.arrange(c, func(id uuid.UUID, form map[string]string) error {
		seq, err := seqField(form)
		if err != nil {
			return err
		}
		return s.messages.MarkUnread(c.UserContext(), v.Person, id, seq)
	})
}

// arrange applies a form's change of how the viewer has arranged a conversation. A plain
// form is redirected to the page that it names, or to the list.
func (s *Server) arrange(c *fiber.Ctx, change func(id uuid.UUID, form map[string]string) error) error {
	id, form, err := idAndFields(c, "id")
	if err != nil {
		return err
	}
	if err := change(id, form); err != nil {
		return err
	}

	if wantsJSON(c) || isHTMX(c) {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Redirect(landingPath(form["next"]), fiber.StatusSeeOther)
}

// switchField returns the value of a field that is on or off.
func switchField(form map[string]string, name string) (bool, error) {
	switch form[name] {
	case "on", "true":
		return true, nil
	case "off", "false":
		return false, nil
	}
	return false, chat.Invalid(name, "This is either on or off.")
}

func seqField(form map[string]string) (int64, error) {
	seq, err := strconv.ParseInt(form["seq"], 10, 64)
	if err != nil {
		return 0, chat.ErrNoPlace("seq")
	}
	return seq, nil
}
