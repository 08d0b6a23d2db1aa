package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
	"parley/views/pages"
)

// showConversation shows a page of a conversation's history.
func (s *Server) showConversation(c *fiber.Ctx, v viewer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}

	r, err := rangeOf(c)
	if err != nil {
		return badRequest(err)
	}

	h, err := s.messages.History(c.UserContext(), v.Person, id, r)
	if err != nil {
		return badRequest(err)
	}

	if wantsJSON(c) {
		return c.JSON(historyJSON(h))
	}
	if !isHTMX(c) && r == (chat.Range{Limit: r.Limit}) && c.Query("newest") == "" {
		if h, err = s.fromFirstUnread(c, v, h); err != nil {
			return err
		}
	}

	shown := pages.OpenConversation{
		History: h,
		Viewer:  v.Person,
		Range:   r,
		Zone:    v.zone(),
		Draft:   draftOf(h.Conversation),
	}
	if isHTMX(c) {
		return render(c, pages.ConversationFragment(shown))
	}

	return s.renderConversation(c, v, shown)
}

// fromFirstUnread returns the page around the first unread message if the newest page, h, doesn't
// have it, so that a person reads on where they stopped.
func (s *Server) fromFirstUnread(c *fiber.Ctx, v viewer, h chat.History) (chat.History, error) {
	first := h.Conversation.FirstUnread()
	if !h.Complete || len(h.Messages) == 0 || *h.Messages[0].Seq <= first {
		return h, nil
	}

	return s.messages.History(c.UserContext(), v.Person, h.Conversation.ID, chat.Range{At: &first})
}

// refreshConversation reloads the page of a browser without a script. The typed text is
// posted along, so the new page has it too.
func (s *Server) refreshConversation(c *fiber.Ctx, v viewer) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return fiber.ErrMethodNotAllowed
	}

	form, err := fields(c)
	if err != nil {
		return err
	}

	draft := components.Draft{Body: form["body"], ClientID: form["client_id"], Returned: form["returned"]}
	return s.renderDraft(c, v, id, draft, form["again"])
}

// renderDraft renders the newest page of a conversation with a draft in its composer, and
// the text of a returned message, by its ID, that is to be sent again.
func (s *Server) renderDraft(c *fiber.Ctx, v viewer, id uuid.UUID, draft components.Draft, resend string) error {
	h, err := s.messages.History(c.UserContext(), v.Person, id, chat.Range{})
	if err != nil {
		return err
	}

	draft = appendReturned(draft, resend, h.Returned)
	if _, err := chat.ParseClientID(draft.ClientID); err != nil {
		draft.ClientID = chat.NewID().String()
	}

	return s.renderConversation(c, v, pages.OpenConversation{
		History: h,
		Viewer:  v.Person,
		Zone:    v.zone(),
		Draft:   draft,
	})
}

func (s *Server) renderConversation(c *fiber.Ctx, v viewer, shown pages.OpenConversation) error {
	conversation := shown.History.Conversation
	shown.Peer = s.peer(c, v, conversation)
	page := s.shell(c, v, conversation.Title+" · Parley", "talk", conversation.ID)
	page.Group = conversation.Kind == chat.GroupConversation
	if err := render(c, pages.Conversation(page, shown)); err != nil {
		return err
	}

	s.markReadWithoutScript(c, v, shown.History)
	return nil
}

// peer returns the other member of a direct conversation as the viewer may see them. The page of
// a read-only conversation offers what their relation allows. It is the name alone in other
// conversations, for a deleted account, and while the store is down.
func (s *Server) peer(c *fiber.Ctx, v viewer, conversation chat.Conversation) chat.PersonView {
	name := chat.PersonView{Person: conversation.Peer(v.Person.ID).Person}
	if conversation.Writable || conversation.Kind == chat.GroupConversation {
		return name
	}

	found, err := s.people.ViewPerson(c.UserContext(), v.Person, name.ID)
	if err != nil {
		return name
	}

	return found
}

// historyJSON omits pending and returned messages unless the page reaches the newest
// message. null means that they are unknown.
func historyJSON(h chat.History) fiber.Map {
	answer := fiber.Map{"conversation": h.Conversation, "messages": h.Messages, "complete": h.Complete}
	if h.Newest {
		answer["pending"], answer["returned"] = h.Pending, h.Returned
	}
	return answer
}
