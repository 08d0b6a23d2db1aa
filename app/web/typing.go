package web

import "github.com/gofiber/fiber/v2"

// publishTyping notifies the other members that the viewer is typing. The text is not sent.
func (s *Server) publishTyping(c *fiber.Ctx, v viewer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.messages.Typing(c.UserContext(), v.Person, id); err != nil {
		return err
	}

	return c.SendStatus(fiber.StatusNoContent)
}
