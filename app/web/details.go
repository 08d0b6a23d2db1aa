package web

import (
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// detailsJSON is the details of a conversation, for programs.
type detailsJSON struct {
	Conversation chat.Conversation `json:"conversation"`
	chat.Numbers
	Message *chat.Message `json:"message,omitempty"`
	Trace   string        `json:"trace_id,omitempty"`
}

// showDetails shows the details of a conversation, and of the message whose number is
// the parameter at. Programs always get the numbers, which are counted by reading what
// is new in the conversation; pages get them with the parameter check.
func (s *Server) showDetails(c *fiber.Ctx, v viewer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}

	r, err := rangeOf(c)
	if err != nil {
		return badRequest(err)
	}

	check := wantsJSON(c) || c.Query("check") != ""
	d, err := s.messages.Details(c.UserContext(), v.Person, id, check, r.At)
	if err != nil {
		return err
	}

	trace := ""
	if d.Message != nil {
		trace = s.options.TraceOf(c.UserContext(), d.Message.ID)
	}

	if wantsJSON(c) {
		return c.JSON(detailsJSON{d.Conversation, *d.Numbers, d.Message, trace})
	}
	if isHTMX(c) && d.Numbers != nil {
		return render(c, pages.CheckResult(*d.Numbers))
	}

	return s.renderDetails(c, v, d, trace, "")
}

// renderDetails renders the details' page, of a group with a page of its members.
func (s *Server) renderDetails(c *fiber.Ctx, v viewer, d chat.Details, trace, members string) error {
	var group *pages.Group
	if d.Conversation.Kind == chat.GroupConversation {
		group = &pages.Group{Conversation: d.Conversation, Viewer: v.Person}
		if err := s.readGroup(c, v, group, members); err != nil {
			return err
		}
	}

	page := s.shell(c, v, "Details · "+d.Conversation.Title+" · Parley", "sheet", d.Conversation.ID)
	return render(c, pages.Details(page, d, trace, group))
}
