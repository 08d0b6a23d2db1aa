package web

import (
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Keys of a request's locals.
const (
	localRequest = "request" // string: the request's ID
	localBegan   = "began"   // time.Time: the arrival
	localRoute   = "route"   // string: the route's pattern, or routeNone
	localSession = "session" // chat.Session
	localReading = "reading" // uuid.UUID: the person whose slot the request holds
	localProgram = "program" // true: the client is a program, whatever it accepts
)

// recoverPanic turns a panic of a handler into status 500.
func (s *Server) recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.logger.Error("panic in a handler",
				"path", c.Route().Path,
				"panic", fmt.Sprint(r),
				"stack", string(debug.Stack()))
			err = fiber.ErrInternalServerError
		}
	}()

	return c.Next()
}

// sameSite rejects what the pages of other sites do, without a token. Of their reads it
// admits navigations only: their images, frames and scripts would spend the person's
// rate limits. It rejects all their writes.
func (s *Server) sameSite(c *fiber.Ctx) error {
	site := c.Get("Sec-Fetch-Site")
	switch {
	case s.isCrossSite(c):
		return errCrossSite
	case (site == "cross-site" || site == "same-site") && !isWrite(c) && !isNavigation(c):
		return errNoNavigation
	}
	return c.Next()
}

// errCrossSite rejects a write from another site.
var errCrossSite = fiber.NewError(fiber.StatusForbidden, "This came from another site, so it was not done.")

// isCrossSite reports whether a request is a write from another site: by Sec-Fetch-Site,
// else by comparing Origin with PUBLIC_URL or Host (as Go's http.CrossOriginProtection
// does). A request with neither header does not come from a browser.
func (s *Server) isCrossSite(c *fiber.Ctx) bool {
	if !isWrite(c) {
		return false
	}

	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		origin := c.Get(fiber.HeaderOrigin)
		return origin != "" && !s.isOwnOrigin(c, origin)
	}

	return true
}

func isWrite(c *fiber.Ctx) bool {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return false
	}
	return true
}

func (s *Server) isOwnOrigin(c *fiber.Ctx, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	if public := s.options.PublicURL; public != nil { // as browsers write it, without a default port
		host := strings.TrimSuffix(u.Host, map[string]string{"https": ":443", "http": ":80"}[u.Scheme])
		return u.Scheme == public.Scheme && strings.EqualFold(host, public.Host)
	}

	return strings.EqualFold(u.Host, string(c.Request().Host()))
}
