package web

import (
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

// listConversations lists conversations by page, filtered by the parameter q.
func (s *Server) listConversations(c *fiber.Ctx, v viewer) error {
	q := chat.ConversationQuery{Filter: filterOf(c), Page: strings.Clone(c.Query("page"))}
	list, err := s.messages.Conversations(c.UserContext(), v.Person, q)
	switch {
	case chat.KindOf(err) == chat.KindInvalid:
		return badRequest(err)
	case err != nil && (wantsJSON(c) || isHTMX(c)):
		return err
	case wantsJSON(c):
		return c.JSON(fiber.Map{"conversations": list.Conversations, "next": nextCursor(list.Next)})
	case isHTMX(c):
		return s.renderList(c, v, list, q.Filter)
	}

	page := s.page(c, "Conversations · Parley")
	page.Pane, page.Filter, page.ListPage = "list", q.Filter, q.Page
	s.setViewer(c, v, &page)
	page.Conversations, page.Next, page.ListAvailable = list.Conversations, list.Next, err == nil
	return render(c, pages.Conversations(page))
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

// renderList renders the list and the unread counts. Without the counts, the page keeps
// those that it shows.
func (s *Server) renderList(c *fiber.Ctx, v viewer, list chat.ConversationPage, filter string) error {
	current, _ := uuid.Parse(c.Query("current")) // noConversation without one
	l := components.ConversationList{
		Conversations: list.Conversations,
		Viewer:        v.Person,
		Current:       current,
		Next:          list.Next,
		Filter:        filter,
		Zone:          v.zone(),
	}
	if err := render(c, components.Conversations(l)); err != nil {
		return err
	}

	counts, err := s.messages.Counts(c.UserContext(), v.Person)
	if err != nil {
		s.logger.Warn("counts omitted from a list", "error", err)
		return nil
	}

	return render(c, components.Counts(counts, l.CurrentUnread(), true))
}

// openConversation returns the conversation with a person, which it creates if there is
// none.
func (s *Server) openConversation(c *fiber.Ctx, v viewer) error {
	form, err := fields(c)
	if err != nil {
		return err
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
