package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

func isHTMX(c *fiber.Ctx) bool { return c.Get("HX-Request") == "true" }

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
