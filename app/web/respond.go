package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"parley/views/layout"
)

// isHTMX reports whether a script asks for a fragment of a page.
func isHTMX(c *fiber.Ctx) bool { return c.Get("HX-Request") == "true" && !isPane(c) }

// isPane reports whether a script asks for a page without its frame, to show it in the frame that
// the browser has already (static/js/panes.js). HX-Target names the element, as htmx does.
func isPane(c *fiber.Ctx) bool {
	return c.Get("HX-Request") == "true" && c.Get("HX-Target") == layout.PaneID
}

// render writes a component to the answer's buffer, so an error can still change the
// status.
func render(c *fiber.Ctx, component templ.Component) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return component.Render(c.UserContext(), c.Response().BodyWriter())
}

// nextCursor returns the JSON value of a list's next page: null at the end of the list.
func nextCursor(next string) any {
	if next == "" {
		return nil
	}
	return next
}
