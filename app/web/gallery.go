package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"parley/views/components"
	"parley/views/pages"
)

// developers runs a handler for requests that may use the development sign-in. For others its address doesn't exist.
func (s *Server) developers(handle fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if !s.devSignIn(c) {
			return fiber.ErrNotFound
		}
		return handle(c)
	}
}

func (s *Server) showGallery(c *fiber.Ctx) error {
	page := s.page(c, "Gallery · Parley")
	switch theme := c.Query("theme"); theme {
	case "light", "dark":
		page.Settings.Theme = theme
	}
	return render(c, pages.Gallery(page, components.Examples()))
}

// showGalleryError fails in the way that was asked for, as anything may.
func (s *Server) showGalleryError(c *fiber.Ctx) error {
	status, err := strconv.Atoi(c.Params("status"))
	if err != nil || status < 400 || status > 599 {
		return fiber.ErrNotFound
	}
	_, _ = s.authenticate(c) // the way back depends on it
	return fiber.NewError(status)
}
