package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Server) markRead(c *fiber.Ctx, v viewer) error {
	return s.moveMark(c, func(id uuid.UUID, seq int64) error {
		return s.messages.MarkRead(c.UserContext(), v.Person, id, seq)
	})
}

func (s *Server) markDelivered(c *fiber.Ctx, v viewer) error {
	return s.moveMark(c, func(id uuid.UUID, seq int64) error {
		return s.messages.MarkDelivered(c.UserContext(), v.Person, id, seq)
	})
}

func (s *Server) moveMark(c *fiber.Ctx, move func(id uuid.UUID, seq int64) error) error {
	id, form, err := idAndFields(c, "id")
	if err != nil {
		return err
	}

	seq, err := seqField(form)
	if err != nil {
		return err
	}
	if err := move(id, seq); err != nil {
		return err
	}

	if next := form["next"]; next != "" && !wantsJSON(c) && !isHTMX(c) { // a plain form of the list
		return c.Redirect(landingPath(next), fiber.StatusSeeOther)
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// markReadWithoutScript marks a full page as read, for browsers whose pages can't report
// what is visible. It skips answers that no tab shows, and pages with a script, which
// report their own mark. A cookie of the script's tells them apart.
func (s *Server) markReadWithoutScript(c *fiber.Ctx, v viewer, h chat.History) {
	hasScript := c.Cookies("parley-script") != ""
	if len(h.Messages) == 0 || hasScript || !isShown(c) {
		return
	}

	last := *h.Messages[len(h.Messages)-1].Seq
	if err := s.messages.MarkRead(c.UserContext(), v.Person, h.Conversation.ID, last); err != nil {
		s.logger.Warn("read mark not moved", "error", err)
	}
}
