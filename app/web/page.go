package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/static"
	"parley/views/layout"
)

// page is the frame of any page.
func (s *Server) page(c *fiber.Ctx, title string) layout.Page {
	return layout.Page{Title: title, Asset: s.files.URL, Down: s.health.Down()}
}

// shell is the frame of those signed in: with the list beside it, as far as it can be read.
func (s *Server) shell(c *fiber.Ctx, v viewer, title, pane string, current uuid.UUID) layout.Page {
	p := s.page(c, title)
	p.Pane, p.Current = pane, current
	s.dress(c, v, &p)
	list, err := s.chat.Conversations(c.UserContext(), v.Person, chat.ConversationQuery{})
	if err != nil {
		s.logger.Warn("list left out of a page", "error", err)
		return p
	}
	p.Conversations, p.Next, p.ListAvailable = list.Conversations, list.Next, true
	return p
}

// zone is the viewer's time zone.
func zone(v viewer) *time.Location { return layout.Page{Settings: v.Settings}.Zone() }

// dress puts into a frame what belongs to the viewer. Counts that can't be had are left out.
func (s *Server) dress(c *fiber.Ctx, v viewer, p *layout.Page) {
	p.Viewer, p.Session, p.Settings = v.Person, v.ID.String(), v.Settings
	counts, err := s.chat.Counts(c.UserContext(), v.Person)
	if err != nil {
		s.logger.Warn("counts left out of a page", "error", err)
	}
	p.Counts = counts
}

// showNothing answers any other address. Who is signed in finds the way back to their conversations.
func (s *Server) showNothing(c *fiber.Ctx) error {
	c.Locals(localRoute, routeNone)
	_, _ = s.authenticate(c)
	return fiber.ErrNotFound
}

func (s *Server) showFile(c *fiber.Ctx) error {
	asset, ok := s.files.Open(strings.Clone(c.Path()), c.Get(fiber.HeaderAcceptEncoding))
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, asset.ContentType)
	c.Set(fiber.HeaderCacheControl, static.CacheControl)
	c.Set(fiber.HeaderVary, static.Vary)
	if asset.Encoding != "" {
		c.Set(fiber.HeaderContentEncoding, asset.Encoding)
	}
	return c.Send(asset.Body)
}

// zone is the viewer's time zone.
func (v viewer) zone() *time.Location { return layout.Page{Settings: v.Settings}.Zone() }
