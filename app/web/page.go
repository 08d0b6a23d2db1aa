package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/layout"
)

// sessionHeader has the public id of the session that a page is for. The copies of the service
// worker (static/js/worker.js) belong to it.
const sessionHeader = "Parley-Session"

// page returns the frame of any page.
func (s *Server) page(c *fiber.Ctx, title string) layout.Page {
	return layout.Page{Title: title, Asset: s.files.URL, Down: s.health.Down(), PaneOnly: isPane(c)}
}

// shell returns the frame of a page for someone signed in, with the list of
// conversations beside it. A list that can't be read is omitted. The answer to a script that has
// the frame already needs neither the list nor the counts.
func (s *Server) shell(c *fiber.Ctx, v viewer, title, pane string, current uuid.UUID) layout.Page {
	p := s.page(c, title)
	p.Pane, p.Current = pane, current
	s.setViewer(c, v, &p)
	if p.PaneOnly {
		return p
	}

	list, err := s.messages.Conversations(c.UserContext(), v.Person, chat.ConversationQuery{})
	if err != nil {
		s.logger.Warn("list omitted from a page", "error", err)
		return p
	}

	p.Conversations, p.Next, p.ListAvailable = list.Conversations, list.Next, true
	return p
}

// setViewer adds the viewer's name, session, settings and counts to a frame. Counts
// that can't be read are omitted.
func (s *Server) setViewer(c *fiber.Ctx, v viewer, p *layout.Page) {
	p.Viewer, p.Session, p.Settings = v.Person, v.ID.String(), v.Settings
	c.Set(sessionHeader, p.Session)
	if p.PaneOnly && p.Pane != "list" { // whose page tells how many are unread
		return
	}

	counts, err := s.messages.Counts(c.UserContext(), v.Person, p.Current)
	if err != nil {
		s.logger.Warn("counts omitted from a page", "error", err)
	}
	p.Counts = counts
}

// zone returns the viewer's time zone.
func (v viewer) zone() *time.Location { return layout.Page{Settings: v.Settings}.Zone() }

// showNotFound answers all addresses without a route. The page of someone signed in
// links to their conversations.
func (s *Server) showNotFound(c *fiber.Ctx) error {
	c.Locals(localRoute, routeNone)
	_, _ = s.authenticate(c)
	return fiber.ErrNotFound
}

// rejectPeople answers all other addresses of a process that serves probes only.
func (s *Server) rejectPeople(c *fiber.Ctx) error {
	return c.Status(fiber.StatusNotFound).
		SendString("This process stores messages. People come to others.\n")
}
