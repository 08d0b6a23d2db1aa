package web

import (
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// showDetails tells what there is to know of a conversation, and of the message of the number at. A program gets its numbers, read through just now; a page does when it asks
// for the check.
func (s *Server) showDetails(c *fiber.Ctx, v viewer) error {
	id, err := conversationID(c)
	if err != nil {
		return err
	}
	r, err := rangeOf(c)
	if err != nil {
		return badRequest(err)
	}
	d, err := s.chat.Details(c.UserContext(), v.Person, id, wantsJSON(c) || c.Query("check") != "", r.At)
	if err != nil {
		return err
	}
	trace := ""
	if d.Message != nil {
		trace = s.options.TraceOf(c.UserContext(), d.Message.ID)
	}
	if wantsJSON(c) {
		return c.JSON(struct {
			Conversation chat.Conversation `json:"conversation"`
			chat.Numbers
			Message *chat.Message `json:"message,omitempty"`
			Trace   string        `json:"trace_id,omitempty"`
		}{d.Conversation, *d.Numbers, d.Message, trace})
	}
	if isHTMX(c) && d.Numbers != nil {
		return render(c, pages.CheckResult(*d.Numbers))
	}
	return render(c, pages.Details(s.shell(c, v, "Details · "+d.Conversation.Title+" · Parley", "sheet", id), d, trace))
}
