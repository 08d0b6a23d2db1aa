package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"parley/views/components"
	"parley/views/pages"
)

// showGallery shows every component with example data.
func (s *Server) showGallery(c *fiber.Ctx, _ viewer) error {
	page := s.page(c, "Gallery · Parley")
	switch theme := c.Query("theme"); theme {
	case "light", "dark":
		page.Settings.Theme = theme
	}
	return render(c, pages.Gallery(page, components.Examples()))
}

// showGalleryError fails with the status of the path, so that its error page can be seen.
func (s *Server) showGalleryError(c *fiber.Ctx, _ viewer) error {
	status, err := strconv.Atoi(c.Params("status"))
	if err != nil || status < 400 || status > 599 {
		return fiber.ErrNotFound
	}
	_, _ = s.authenticate(c) // the page's links depend on it
	return fiber.NewError(status)
}
