package web

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// defaultRetryAfter is the Retry-After of a 429 or 503 whose error has none, in seconds.
const defaultRetryAfter = 5

// setStatus sets the status of an error and its Retry-After, and returns its problem.
func (s *Server) setStatus(c *fiber.Ctx, err error) problem {
	p := s.problemOf(c, err)
	overloaded := p.Status == fiber.StatusTooManyRequests || p.Status == fiber.StatusServiceUnavailable
	if p.retryAfter == 0 && overloaded {
		p.retryAfter = defaultRetryAfter
	}
	if p.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(p.retryAfter))
	}

	c.Status(p.Status)
	return p
}

// fail answers an error as JSON, as a fragment or as a page. An internal error's text is
// not shown: it is logged, with the reference that the answer shows.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	p := s.problemOf(c, err)
	if p.Status >= 500 && !isRejection(err) {
		s.logger.Error("request failed",
			"request_id", p.Reference,
			"method", c.Method(),
			"route", c.Route().Path,
			"status", p.Status,
			"type", p.Type,
			"error", err)
	}

	s.setStatus(c, err)

	json, htmx := wantsProblem(c), isHTMX(c)
	if p.Status == fiber.StatusUnauthorized {
		switch {
		case htmx:
			c.Set("HX-Redirect", s.signInPath(c))
		case !json:
			return c.Redirect(s.signInPath(c), fiber.StatusSeeOther)
		}
	}

	switch {
	case json:
		return c.JSON(p, problemType)
	case htmx:
		return render(c, pages.ProblemFragment(p.Detail))
	}

	return s.renderProblem(c, p)
}

// renderProblem renders the page of a problem. It keeps the frame of a person who is signed in
// when the browser has the frame, and at an address without a page.
func (s *Server) renderProblem(c *fiber.Ctx, p problem) error {
	session, signedIn := c.Locals(localSession).(chat.Session)
	title := p.Title + " · Parley"

	shown := pages.Problem{
		Status:     p.Status,
		Title:      p.Title,
		Detail:     p.Detail,
		Reference:  p.Reference,
		SignedIn:   signedIn,
		ShowStatus: p.retryPath == "",
		RetryPath:  p.retryPath,
	}

	mayPass := p.Status >= 500 || p.Status == fiber.StatusTooManyRequests
	if p.retryPath == "" && c.Method() == fiber.MethodGet && mayPass {
		shown.RetryPath = strings.Clone(c.OriginalURL())
	}

	if isPane(c) {
		page := s.page(c, title)
		page.Pane = "sheet"
		return render(c, pages.ErrorPane(page, shown))
	}
	if v := (viewer{session}); signedIn && p.Status == fiber.StatusNotFound && s.mayRead(c, v) {
		return render(c, pages.ErrorPane(s.shell(c, v, title, "sheet", noConversation), shown))
	}

	page := s.page(c, title)
	page.Settings = session.Settings
	return render(c, pages.Error(page, shown))
}

// mayRead reports whether a page may be read for the viewer: a route that had to pay for one
// already has, and an address without a route pays now.
func (s *Server) mayRead(c *fiber.Ctx, v viewer) bool {
	return c.Locals(localReading) != nil || s.spend(c, page, v) == nil
}

// isRejection reports whether a domain error has no cause. Rejections are not logged,
// because an overload would add a line for each of them.
func isRejection(err error) bool {
	var domain *chat.Error
	return errors.As(err, &domain) && domain.Err == nil
}

// signInPath returns the address of the sign-in page, which leads back to the page of
// the request.
func (s *Server) signInPath(c *fiber.Ctx) string {
	next := ""
	switch {
	case isHTMX(c):
		if u, err := url.Parse(c.Get("HX-Current-URL")); err == nil {
			next = u.RequestURI()
		}
	case c.Method() == fiber.MethodGet:
		next = c.OriginalURL()
	default:
		next = refererPath(c)
	}

	if next = localPath(next); next == "/" {
		return "/signin"
	}

	return "/signin?next=" + url.QueryEscape(next)
}
