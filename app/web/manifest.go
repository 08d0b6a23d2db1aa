package web

import (
	"github.com/gofiber/fiber/v2"

	"parley/views/layout"
)

// showManifest describes Parley as an installed application (W3C, Web Application
// Manifest).
func (s *Server) showManifest(c *fiber.Ctx, _ viewer) error {
	icon := func(name, sizes, purpose string) fiber.Map {
		return fiber.Map{"src": s.files.URL(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
	}

	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.JSON(fiber.Map{
		"id":               "/",
		"start_url":        "/conversations",
		"scope":            "/",
		"display":          "standalone",
		"lang":             "en",
		"dir":              "auto",
		"name":             "Parley",
		"short_name":       "Parley",
		"description":      layout.Description,
		"categories":       []string{"social"},
		"background_color": layout.GroundLight,
		"theme_color":      layout.GroundLight,
		"icons": []fiber.Map{
			icon("icon-192.png", "192x192", "any"),
			icon("icon-512.png", "512x512", "any"),
			icon("icon-maskable.png", "512x512", "maskable"),
		},
	}, "application/manifest+json")
}
