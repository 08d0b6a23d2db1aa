package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
)

// createMessage sends a message. A program gets the message, the page's script its row, and
// a plain form the page that shows it. A rejected plain form gets the page with the typed
// text.
func (s *Server) createMessage(c *fiber.Ctx, v viewer) error {
	id, form, err := idAndFields(c, "id")
	if err != nil {
		return err
	}

	in := chat.NewMessage{
		ClientID: form["client_id"],
		Body:     form["body"],
		Draft:    form["draft"] != "" && form["draft"] == form["client_id"],
	}

	m, err := s.messages.Send(c.UserContext(), v.Person, id, in)
	switch {
	case err != nil && !wantsPage(c):
		return err
	case err != nil:
		return s.returnForm(c, v, id, in, form["returned"], err)
	}

	s.dismissResent(c, v, form["returned"])
	switch {
	case wantsJSON(c):
		return c.Status(fiber.StatusCreated).JSON(fiber.Map{"message": m})
	case isHTMX(c):
		c.Status(fiber.StatusCreated)
		return render(c, components.Message(components.MessageRow{Message: m, Mine: true, Live: true}))
	}

	return c.Redirect(latestPath(id), fiber.StatusSeeOther)
}

// returnForm renders the conversation with the typed text and the reason why it was not
// sent. An unconfirmed message keeps its client ID, so that sending it again can't
// duplicate it.
func (s *Server) returnForm(
	c *fiber.Ctx,
	v viewer,
	conversation uuid.UUID,
	in chat.NewMessage,
	returned string,
	cause error,
) error {
	if s.problemOf(c, cause).Status == fiber.StatusNotFound {
		return cause
	}

	draft := components.Draft{
		Body:     in.Body,
		ClientID: in.ClientID,
		Problem:  s.setStatus(c, cause).Detail,
		Saved:    in.Draft,
		Returned: returned,
	}
	if s.renderDraft(c, v, conversation, draft, "") != nil {
		return cause
	}

	return nil
}
