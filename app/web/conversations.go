package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
	"parley/views/pages"
)

var noConversation uuid.UUID

const maxFilter = 100 // code points

func (s *Server) listConversations(c *fiber.Ctx, v viewer) error {
	q := chat.ConversationQuery{Filter: strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), "")), Page: strings.Clone(c.Query("page"))}
	q.Filter = strings.Clone(strings.ReplaceAll(q.Filter, "\x00", ""))
	if runes := []rune(q.Filter); len(runes) > maxFilter {
		q.Filter = string(runes[:maxFilter])
	}
	list, err := s.chat.Conversations(c.UserContext(), v.Person, q)
	switch {
	case chat.KindOf(err) == chat.KindInvalid:
		return badRequest(err)
	case err != nil && (wantsJSON(c) || isHTMX(c)):
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"conversations": list.Conversations, "next": nextCursor(list.Next)})
	case isHTMX(c):
		return s.listFragment(c, v, list, q.Filter)
	}
	page := s.page(c, "Conversations · Parley")
	page.Pane, page.Filter, page.ListPage = "list", q.Filter, q.Page
	s.setViewer(c, v, &page)
	page.Conversations, page.Next, page.ListAvailable = list.Conversations, list.Next, err == nil
	return render(c, pages.Conversations(page))
}

// listFragment is the list, and how much is new. A count that can't be had leaves the one that is shown.
func (s *Server) listFragment(c *fiber.Ctx, v viewer, list chat.ConversationPage, filter string) error {
	current, _ := uuid.Parse(c.Query("current")) // none is the nil id
	l := components.ConversationList{Conversations: list.Conversations, Viewer: v.Person, Current: current, Next: list.Next, Filter: filter, Zone: v.zone()}
	if err := render(c, components.Conversations(l)); err != nil {
		return err
	}
	counts, err := s.chat.Counts(c.UserContext(), v.Person)
	if err != nil {
		s.logger.Warn("counts left out of a list", "error", err)
		return nil
	}
	return render(c, components.Counts(counts, l.CurrentUnread(), true))
}

func (s *Server) openConversation(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}
	person, err := uuid.Parse(form["person"])
	if err != nil {
		return chat.Invalid("person", "Choose a person.")
	}
	conversation, created, err := s.chat.OpenDirect(c.UserContext(), v.Person, person)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return c.Redirect("/conversations/"+conversation.ID.String()+"#latest", fiber.StatusSeeOther)
	}
	if created {
		c.Status(fiber.StatusCreated)
	}
	return c.JSON(fiber.Map{"conversation": conversation})
}

// showWithWords is how a page without a script refreshes: what was typed comes back with the news.
func (s *Server) refreshConversation(c *fiber.Ctx, v viewer) error {
	id, err := conversationID(c)
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
	return s.showAgain(c, v, id, components.Draft{Body: form["body"], ClientID: form["client_id"], Returned: form["returned"]}, form["again"])
}

// showAgain shows the newest page with these words in the box, and those of a returned message that is wanted again.
func (s *Server) showAgain(c *fiber.Ctx, v viewer, id uuid.UUID, draft components.Draft, again string) error {
	h, err := s.chat.History(c.UserContext(), v.Person, id, chat.Range{})
	if err != nil {
		return err
	}
	draft = backInTheBox(draft, again, h.Returned)
	if _, err := chat.ParseClientID(draft.ClientID); err != nil {
		draft.ClientID = chat.NewID().String()
	}
	talk := pages.OpenConversation{History: h, Viewer: v.Person, Zone: v.zone(), Draft: draft, Peer: s.peer(c, v, h.Conversation)}
	if err := render(c, pages.Conversation(s.shell(c, v, h.Conversation.Title+" · Parley", "talk", id), talk)); err != nil {
		return err
	}
	s.readWithoutScript(c, v, h)
	return nil
}

func (s *Server) showConversation(c *fiber.Ctx, v viewer) error {
	id, err := conversationID(c)
	if err != nil {
		return err
	}
	r, err := rangeOf(c)
	if err != nil {
		return badRequest(err)
	}
	h, err := s.chat.History(c.UserContext(), v.Person, id, r)
	if err != nil {
		return badRequest(err)
	}
	if wantsJSON(c) {
		return c.JSON(historyJSON(h))
	}
	talk := pages.OpenConversation{History: h, Viewer: v.Person, Range: r, Zone: v.zone(), Draft: draftOf(h.Conversation)}
	if isHTMX(c) {
		return render(c, pages.ConversationFragment(talk))
	}
	talk.Peer = s.peer(c, v, h.Conversation)
	page := s.shell(c, v, h.Conversation.Title+" · Parley", "talk", id)
	if err := render(c, pages.Conversation(page, talk)); err != nil {
		return err
	}
	s.readWithoutScript(c, v, h)
	return nil
}

// peer is what the other person is to the viewer, where that decides what the page offers: in a closed conversation. Of one who is gone, and
// while the store is away, it is the name alone.
func (s *Server) peer(c *fiber.Ctx, v viewer, conversation chat.Conversation) chat.PersonView {
	name := chat.PersonView{Person: conversation.Peer(v.Person.ID).Person}
	if conversation.Writable {
		return name
	}
	found, err := s.chat.PersonAs(c.UserContext(), v.Person, name.ID)
	if err != nil {
		return name
	}
	return found
}

// readWithoutScript counts a full page as read for those whose pages can't tell what is visible. Whether there is a script only the
// next request would show: what a browser asks for as a prefetch is left out, and a page with a script tells its own mark again.
func (s *Server) readWithoutScript(c *fiber.Ctx, v viewer, h chat.History) {
	if len(h.Messages) == 0 || c.Get("Sec-Purpose") != "" || c.Get("Purpose") != "" || c.Cookies("parley-script") != "" {
		return
	}
	last := *h.Messages[len(h.Messages)-1].Seq
	if err := s.chat.MarkRead(c.UserContext(), v.Person, h.Conversation.ID, last); err != nil {
		s.logger.Warn("read mark not moved", "error", err)
	}
}

// historyJSON leaves pending and returned messages out of a page that doesn't reach the newest message; null means unknown.
func historyJSON(h chat.History) fiber.Map {
	answer := fiber.Map{"conversation": h.Conversation, "messages": h.Messages, "complete": h.Complete}
	if h.Newest {
		answer["pending"], answer["returned"] = h.Pending, h.Returned
	}
	return answer
}

func (s *Server) markRead(c *fiber.Ctx, v viewer) error {
	return s.mark(c, func(id uuid.UUID, seq int64) error { return s.chat.MarkRead(c.UserContext(), v.Person, id, seq) })
}

func (s *Server) markDelivered(c *fiber.Ctx, v viewer) error {
	return s.mark(c, func(id uuid.UUID, seq int64) error { return s.chat.MarkDelivered(c.UserContext(), v.Person, id, seq) })
}

func (s *Server) mark(c *fiber.Ctx, move func(id uuid.UUID, seq int64) error) error {
	id, err := conversationID(c)
	if err != nil {
		return err
	}
	form, err := fields(c)
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(form["seq"], 10, 64)
	if err != nil {
		return chat.Invalid("seq", "This is not a place in the conversation.")
	}
	if err := move(id, seq); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func conversationID(c *fiber.Ctx) (uuid.UUID, error) { return pathID(c, "id") }

// pathID is an id in the path; what is no id is an address where nothing is.
func pathID(c *fiber.Ctx, param string) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Params(param))
	if err != nil || id.String() != c.Params(param) {
		return uuid.Nil, chat.ErrNotFound()
	}
	return id, nil
}

func rangeOf(c *fiber.Ctx) (chat.Range, error) {
	var r chat.Range
	for name, field := range map[string]**int64{"before": &r.Before, "after": &r.After, "at": &r.At} {
		text := c.Query(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return r, chat.Invalid(name, "This is not a place in the conversation.")
		}
		*field = &n
	}
	if text := c.Query("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n == 0 {
			return r, chat.Invalid("limit", "A page has 1 to 100 messages.")
		}
		r.Limit = n
	}
	return r, r.Validate()
}
