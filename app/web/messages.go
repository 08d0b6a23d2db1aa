package web

import (
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/components"
)

// createMessage sends. A program gets the message, our script its row, a plain form the page that shows it; when it could not be
// sent, the plain form comes back with what was typed.
func (s *Server) createMessage(c *fiber.Ctx, v viewer) error {
	id, err := conversationID(c)
	if err != nil {
		return err
	}
	form, err := fields(c)
	if err != nil {
		return err
	}
	in := chat.NewMessage{ClientID: form["client_id"], Body: form["body"], Draft: form["draft"] != "" && form["draft"] == form["client_id"]}
	m, err := s.chat.Send(c.UserContext(), v.Person, id, in)
	if err == nil {
		s.sentAgain(c, v, form["returned"])
	}
	switch {
	case err != nil && (wantsJSON(c) || wantsProblem(c)):
		return err
	case err != nil:
		return s.returnForm(c, v, in, form["returned"], err)
	case wantsJSON(c):
		return c.Status(fiber.StatusCreated).JSON(fiber.Map{"message": m})
	case isHTMX(c):
		c.Status(fiber.StatusCreated)
		return render(c, components.Message(components.MessageRow{Message: m, Mine: true, Live: true}))
	}
	return c.Redirect("/conversations/"+id.String()+"#latest", fiber.StatusSeeOther)
}

// returnForm shows the conversation again, with the words in the box and why they were not sent. An unconfirmed message keeps its
// client id: sending it again can't double it.
func (s *Server) returnForm(c *fiber.Ctx, v viewer, in chat.NewMessage, returned string, cause error) error {
	if s.problemOf(c, cause).Status == fiber.StatusNotFound {
		return cause
	}
	id, err := conversationID(c)
	if err != nil {
		return cause
	}
	p := s.setStatus(c, cause)
	if s.showAgain(c, v, id, components.Draft{Body: in.Body, ClientID: in.ClientID, Problem: p.Detail, Saved: in.Draft, Returned: returned}, "") != nil {
		return cause
	}
	return nil
}
