package web

import (
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// showDetails tells what there is to know of a conversation. A program gets its numbers, read through just now; a page does when it asks
// for the check.
func (s *Server) showDetails(c *fiber.Ctx, v viewer) error {
	id, err := conversationID(c)
	if err != nil {
		return err
	}
	d, err := s.chat.Details(c.UserContext(), v.Person, id, wantsJSON(c) || c.Query("check") != "")
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(struct {
			Conversation chat.Conversation `json:"conversation"`
			chat.Numbers
		}{d.Conversation, *d.Numbers})
	}
	if isHTMX(c) && d.Numbers != nil {
		return render(c, pages.Checked(*d.Numbers))
	}
	return render(c, pages.Details(s.shell(c, v, "Details · "+d.Conversation.Title+" · Parley", "sheet", id), d))
}
