package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
)

// dismissReturned takes a message of the viewer's that couldn't be stored away.
func (s *Server) dismissReturned(c *fiber.Ctx, v viewer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	conversation, err := s.chat.DismissReturned(c.UserContext(), v.Person, id)
	switch {
	case err != nil:
		return err
	case wantsJSON(c) || isHTMX(c):
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Redirect("/conversations/"+conversation.String()+"#latest", fiber.StatusSeeOther)
}

// mostReturned bounds how many may be in the composer together.
const mostReturned = 20

// sentAgain dismisses what the words of a sent message had been before (the composer's field "returned": ids). What can't be dismissed now is
// still there, to be removed by hand.
func (s *Server) sentAgain(c *fiber.Ctx, v viewer, field string) {
	for i, word := range strings.Fields(field) {
		id, err := uuid.Parse(word)
		if err != nil || i == mostReturned {
			return
		}
		if _, err := s.chat.DismissReturned(c.UserContext(), v.Person, id); err != nil {
			s.logger.Warn("a returned message that was sent again is still there", "error", err)
		}
	}
}

// backInTheBox adds a returned message, by its id, to the words in the box: under a new client id, since it is a new message.
func backInTheBox(d components.Draft, id string, returned []chat.Returned) components.Draft {
	for _, r := range returned {
		if r.Message.ID.String() != id {
			continue
		}
		if strings.TrimSpace(d.Body) != "" {
			d.Body += "\n"
		}
		d.Body += r.Message.Body
		d.ClientID = chat.NewID().String()
		d.Returned = strings.TrimSpace(d.Returned + " " + id)
		return d
	}
	return d
}
