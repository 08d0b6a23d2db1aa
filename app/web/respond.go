package web

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// wantsJSON reports whether the client is a program: it prefers application/json.
func wantsJSON(c *fiber.Ctx) bool {
	return c.Accepts(fiber.MIMETextHTML, fiber.MIMEApplicationJSON) == fiber.MIMEApplicationJSON
}

// wantsProblem reports whether the client is the page's script, which reads errors as
// problems and everything else as fragments.
func wantsProblem(c *fiber.Ctx) bool {
	return strings.Contains(c.Get(fiber.HeaderAccept), problemType)
}

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
