package web

import (
	"github.com/gofiber/fiber/v2"
)

// errNoNavigation rejects a request that only a person's navigation may make.
var errNoNavigation = fiber.NewError(fiber.StatusForbidden, "This address only opens as a page of its own.")

// isNavigation reports whether a request opens a page in a tab, as far as its headers
// tell: an image, a frame, a script or a prefetch of any page doesn't, and neither does
// HEAD. Programs and old browsers send none of these headers.
func isNavigation(c *fiber.Ctx) bool { return c.Method() == fiber.MethodGet && isShown(c) }

// isShown reports the same of any method: the answer to a form that is posted is a page
// in a tab too.
func isShown(c *fiber.Ctx) bool {
	mode, dest := c.Get("Sec-Fetch-Mode"), c.Get("Sec-Fetch-Dest")
	byWorker := mode == "navigate" && dest == "empty" // the service worker passes a navigation on
	return c.Method() != fiber.MethodHead &&
		(mode == "" || mode == "navigate") &&
		(dest == "" || dest == "document" || byWorker) &&
		c.Get("Sec-Purpose") == "" && c.Get("Purpose") == ""
}
