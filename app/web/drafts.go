package web

import (
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/components"
)

// saveDraft saves the text of a composer. An empty body deletes the draft.
func (s *Server) saveDraft(c *fiber.Ctx, v viewer) error {
	id, form, err := idAndFields(c, "id")
	if err != nil {
		return err
	}

	draft := chat.NewDraft{ClientID: form["client_id"], Body: form["body"]}
	if err := s.messages.SaveDraft(c.UserContext(), v.Person, id, draft); err != nil {
		return err
	}

	return c.SendStatus(fiber.StatusNoContent)
}

// draftOf returns the initial state of a conversation's composer: the saved draft with its
// client ID, or an empty one with a new client ID.
func draftOf(c chat.Conversation) components.Draft {
	if c.Draft.Body == "" {
		return components.Draft{ClientID: chat.NewID().String()}
	}
	return components.Draft{
		Body:     c.Draft.Body,
		ClientID: c.Draft.ClientID.String(),
		Saved:    true,
		SavedAt:  c.Draft.SavedAt,
	}
}
