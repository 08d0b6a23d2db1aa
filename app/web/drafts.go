package web

import (
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/components"
)

// saveDraft keeps what was typed; an empty body forgets it.
func (s *Server) saveDraft(c *fiber.Ctx, v viewer) error {
	id, err := conversationID(c)
	if err != nil {
		return err
	}
	form, err := fields(c)
	if err != nil {
		return err
	}
	if err := s.chat.SaveDraft(c.UserContext(), v.Person, id, chat.NewDraft{ClientID: form["client_id"], Body: form["body"]}); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// draftOf is what the composer of a conversation begins with: the kept draft under the client id that it has, or nothing under a new one.
func draftOf(c chat.Conversation) components.Draft {
	if c.Draft.Body == "" {
		return components.Draft{ClientID: chat.NewID().String()}
	}
	return components.Draft{Body: c.Draft.Body, ClientID: c.Draft.ClientID.String(), Saved: true}
}
