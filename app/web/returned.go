package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
)

// maxReturned bounds the returned messages whose text one composer may hold.
const maxReturned = 20

// dismissReturned removes one of the viewer's messages that could not be stored.
func (s *Server) dismissReturned(c *fiber.Ctx, v viewer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}

	conversation, err := s.messages.DismissReturned(c.UserContext(), v.Person, id)
	switch {
	case err != nil:
		return err
	case wantsJSON(c) || isHTMX(c):
		return c.SendStatus(fiber.StatusNoContent)
	}

	return c.Redirect(latestPath(conversation), fiber.StatusSeeOther)
}

// dismissResent removes the returned messages whose text was just sent again. The composer's
// field "returned" has their IDs. After a failure they stay, and can be removed by hand.
func (s *Server) dismissResent(c *fiber.Ctx, v viewer, field string) {
	for i, text := range strings.Fields(field) {
		id, err := uuid.Parse(text)
		if err != nil || i == maxReturned {
			return
		}
		if _, err := s.messages.DismissReturned(c.UserContext(), v.Person, id); err != nil {
			s.logger.Warn("dismissal of a resent message failed", "error", err)
		}
	}
}

// appendReturned appends the text of a returned message, by its ID, to a draft. The draft
// gets a new client ID, because it is another message now.
func appendReturned(d components.Draft, id string, returned []chat.Returned) components.Draft {
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
