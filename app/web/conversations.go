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

const maxFilter = 100 // code points

// noConversation is the current conversation of pages that show none.
var noConversation uuid.UUID

// listConversations lists conversations by page, filtered by the parameter q. The script
// fetches the menu of its rows, and the switcher, here when they are first used.
func (s *Server) listConversations(c *fiber.Ctx, v viewer) error {
	if isHTMX(c) {
		switch c.Get("HX-Target") {
		case "row-menu":
			return render(c, components.RowMenu())
		case "switcher":
			return render(c, components.SwitcherDialogs())
		}
	}

	q, err := listQuery(c)
	if err != nil {
		return badRequest(err)
	}

	list, err := s.messages.Conversations(c.UserContext(), v.Person, q)
	switch {
	case chat.KindOf(err) == chat.KindInvalid:
		return badRequest(err)
	case err != nil && (wantsJSON(c) || isHTMX(c)):
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"conversations": list.Conversations, "next": nextCursor(list.Next)})
	case isHTMX(c):
		return s.renderList(c, v, list, q)
	}

	page := s.page(c, "Conversations · Parley")
	page.Pane, page.Filter, page.ListPage, page.Archive = "list", q.Filter, q.Page, q.Archived
	s.setViewer(c, v, &page)
	page.Conversations, page.Next, page.ListAvailable = list.Conversations, list.Next, err == nil
	return render(c, pages.Conversations(page))
}

// listQuery returns the page of the list that a request names: in=archive, a filter (q), a
// cursor (page) and a number of conversations (limit).
func listQuery(c *fiber.Ctx) (chat.ConversationQuery, error) {
	q := chat.ConversationQuery{
		Filter:   filterOf(c),
		Archived: c.Query("in") == "archive",
		Page:     strings.Clone(c.Query("page")),
	}
	if in := c.Query("in"); in != "" && !q.Archived {
		return q, chat.Invalid("in", "There is no such list.")
	}

	if text := c.Query("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > chat.MaxConversations {
			return q, chat.Invalid("limit", "A page has 1 to 500 conversations.")
		}
		q.Limit = n
	}
	return q, nil
}

// filterOf returns the parameter q, cleaned and cut to maxFilter.
func filterOf(c *fiber.Ctx) string {
	filter := strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))
	filter = strings.Clone(strings.ReplaceAll(filter, "\x00", ""))
	if runes := []rune(filter); len(runes) > maxFilter {
		return string(runes[:maxFilter])
	}
	return filter
}

// renderList renders the list and the unread counts, or only further rows for the end of a
// list. Without the counts, the page keeps those that it shows.
func (s *Server) renderList(c *fiber.Ctx, v viewer, list chat.ConversationPage, q chat.ConversationQuery) error {
	current, _ := uuid.Parse(c.Query("current")) // noConversation without one
	l := components.ConversationList{
		Conversations: list.Conversations,
		Viewer:        v.Person,
		Current:       current,
		Next:          list.Next,
		Filter:        q.Filter,
		Archive:       q.Archived,
		Zone:          v.zone(),
	}
	if q.Page != "" && c.Get("HX-Target") == "older" {
		return render(c, components.ConversationRows(l))
	}

	counts, err := s.messages.Counts(c.UserContext(), v.Person, current)
	if err != nil {
		s.logger.Warn("counts omitted from a list", "error", err)
		return render(c, components.Conversations(l))
	}

	l.Archived = counts.Archived
	if err := render(c, components.Conversations(l)); err != nil {
		return err
	}
	return render(c, components.Counts(counts, true))
}

// openConversation returns the conversation with a person, which it creates if there is
// none, or creates a group.
func (s *Server) openConversation(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
	}
	switch chat.ConversationKind(form["kind"]) {
	case chat.GroupConversation:
		return s.createGroup(c, v, form)
	case "", chat.DirectConversation:
	default:
		return chat.Invalid("kind", "A conversation is direct or a group.")
	}

	person, err := personField(form)
	if err != nil {
		return err
	}

	conversation, created, err := s.messages.OpenDirect(c.UserContext(), v.Person, person)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return c.Redirect(latestPath(conversation.ID), fiber.StatusSeeOther)
	}
	if created {
		c.Status(fiber.StatusCreated)
	}

	return c.JSON(fiber.Map{"conversation": conversation})
}

// latestPath returns the address of a conversation's newest message.
func latestPath(conversation uuid.UUID) string {
	return "/conversations/" + conversation.String() + "#latest"
}
