package web

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// problem is an RFC 9457 problem. Its detail is the sentence that people read.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Field     string `json:"field,omitempty"`
	Reference string `json:"instance"`

	retryAfter int    // seconds
	again      string // the address that tries it again
}

func (p *problem) is(status int, kind, title, detail string) {
	p.Status, p.Type, p.Title, p.Detail = status, kind, title, detail
}

// problemError is a problem that only the web knows.
type problemError struct {
	problem problem
	err     error // the cause, for the log
}

func (e *problemError) Error() string { return e.err.Error() }
func (e *problemError) Unwrap() error { return e.err }

// statuses maps the domain's kinds of error.
var statuses = map[chat.Kind]struct {
	status int
	title  string
}{
	chat.KindInvalid:     {fiber.StatusUnprocessableEntity, "This won’t do yet"},
	chat.KindSignedOut:   {fiber.StatusUnauthorized, "Please sign in"},
	chat.KindNotFound:    {fiber.StatusNotFound, "There’s nothing at this address"},
	chat.KindReadOnly:    {fiber.StatusForbidden, "You aren’t friends"},
	chat.KindConflict:    {fiber.StatusConflict, "Things have changed"},
	chat.KindTooFast:     {fiber.StatusTooManyRequests, "A moment, please"},
	chat.KindNotSent:     {fiber.StatusServiceUnavailable, "Not sent"},
	chat.KindUnconfirmed: {fiber.StatusServiceUnavailable, "Not confirmed"},
	chat.KindUnavailable: {fiber.StatusServiceUnavailable, "Parley is catching its breath"},
}

// httpErrors are those of the protocol, in words.
var httpErrors = map[int]problem{
	fiber.StatusBadRequest:                  {Type: "bad-request", Title: "This request makes no sense", Detail: "Something in this address or form isn’t right. Go back and try again."},
	fiber.StatusForbidden:                   {Type: "cross-site", Title: "Not from here"},
	fiber.StatusNotFound:                    {Type: "not-found", Title: "There’s nothing at this address", Detail: "The page may have been moved, or it belongs to a conversation you are not part of. We don’t say which, so that nobody can find out by guessing."},
	fiber.StatusMethodNotAllowed:            {Type: "method-not-allowed", Title: "This can’t be done here", Detail: "This address doesn’t take that kind of request."},
	fiber.StatusRequestEntityTooLarge:       {Type: "too-large", Title: "Too much at once", Detail: "Too long to send. Nothing is lost: go back, and it is still there."},
	fiber.StatusUnsupportedMediaType:        {Type: "unsupported-media-type", Title: "This form can’t be read", Detail: "Send a form, or a JSON object of the same fields."},
	fiber.StatusRequestHeaderFieldsTooLarge: {Type: "headers-too-large", Title: "Too much at once", Detail: "The browser sent more than we read. Clear this site’s cookies and try again."},
	fiber.StatusInternalServerError:         {Type: "internal", Title: "Something broke on our side", Detail: "It isn’t anything you did. Whatever was marked “Sent” is safe. If you were sending something just now, look whether it arrived before you send it again."},
	fiber.StatusServiceUnavailable:          {Type: "unavailable", Title: "Parley is catching its breath", Detail: "Too much is down for us to promise that a message would be kept, so we would rather not take it. Nothing you sent before is lost. Please try again in a minute."},
}

// badRequest refuses a query's or a path's value, which unlike a form's nobody typed.
func badRequest(err error) error {
	var e *chat.Error
	if errors.As(err, &e) && e.Kind == chat.KindInvalid {
		return &statusError{fiber.StatusBadRequest, e}
	}
	return err
}

// statusError gives an error another status than its kind's.
type statusError struct {
	status int
	err    *chat.Error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

func (s *Server) problemOf(c *fiber.Ctx, err error) problem {
	reference, _ := c.Locals(localRequest).(string)
	var own *problemError
	if errors.As(err, &own) {
		p := own.problem
		p.Reference = reference
		return p
	}
	var domain *chat.Error
	if errors.As(err, &domain) {
		if m, ok := statuses[domain.Kind]; ok {
			p := problem{Type: string(domain.Kind), Title: m.title, Status: m.status, Detail: domain.Detail, Field: domain.Field, Reference: reference}
			if domain.RetryAfter > 0 {
				p.retryAfter = int(math.Ceil(domain.RetryAfter.Seconds()))
			}
			var status *statusError
			if errors.As(err, &status) {
				p.Status = status.status
			}
			return p
		}
	}
	status := fiber.StatusInternalServerError
	var protocol *fiber.Error
	if errors.As(err, &protocol) {
		status = protocol.Code
	}
	p, ok := httpErrors[status]
	if !ok {
		p = httpErrors[fiber.StatusInternalServerError]
		if status < 500 {
			p = httpErrors[fiber.StatusBadRequest]
		}
	}
	if p.Detail == "" && protocol != nil {
		p.Detail = protocol.Message
	}
	p.Status, p.Reference = status, reference
	return p
}

// problemType is of RFC 9457, section 3.
const problemType = "application/problem+json"

// comeBackAfter is for a 429 or 503 that doesn't know better, in seconds.
const comeBackAfter = 5

// refused gives an answer the status of an error, and when to come back.
func (s *Server) setStatus(c *fiber.Ctx, err error) problem {
	p := s.problemOf(c, err)
	if p.retryAfter == 0 && (p.Status == fiber.StatusTooManyRequests || p.Status == fiber.StatusServiceUnavailable) {
		p.retryAfter = comeBackAfter
	}
	if p.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(p.retryAfter))
	}
	if l, ok := c.Context().Conn().(*drainOnClose); ok && p.Status == fiber.StatusRequestEntityTooLarge {
		l.unread.Store(true)
	}
	c.Status(p.Status)
	return p
}

// fail answers an error in the form that was asked for. Strangers never read an internal one: that goes to the log, under the
// reference that they were shown.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	p := s.problemOf(c, err)
	if p.Status >= 500 && !refusal(err) {
		s.logger.Error("request failed", "reference", p.Reference, "method", c.Method(), "route", c.Route().Path, "status", p.Status, "type", p.Type, "error", err)
	}
	s.setStatus(c, err)
	switch {
	case wantsJSON(c) || wantsProblem(c):
		if p.Status == fiber.StatusUnauthorized && isHTMX(c) {
			c.Set("HX-Redirect", s.signInPath(c))
		}
		return c.JSON(p, problemType)
	case isHTMX(c):
		if p.Status == fiber.StatusUnauthorized {
			c.Set("HX-Redirect", s.signInPath(c))
		}
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		return render(c, pages.ProblemFragment(p.Detail))
	case p.Status == fiber.StatusUnauthorized:
		return c.Redirect(s.signInPath(c), fiber.StatusSeeOther)
	}
	session, signedIn := c.Locals(localSession).(chat.Session)
	page := s.page(c, p.Title+" · Parley")
	page.Settings = session.Settings
	shown := pages.Problem{Status: p.Status, Title: p.Title, Detail: p.Detail, Reference: p.Reference, SignedIn: signedIn, ShowStatus: p.again == "", RetryPath: p.again}
	if p.again == "" && c.Method() == fiber.MethodGet && (p.Status >= 500 || p.Status == fiber.StatusTooManyRequests) {
		shown.RetryPath = strings.Clone(c.OriginalURL())
	}
	return render(c, pages.Error(page, shown))
}

// refusal tells an answer of the domain's that nothing caused: what refuses to be overloaded must not pay for a line in the log each time.
func refusal(err error) bool {
	var domain *chat.Error
	return errors.As(err, &domain) && domain.Err == nil
}

// signInPath leads to the sign-in and, after a GET of a page, back.
func (s *Server) signInPath(c *fiber.Ctx) string {
	next := ""
	if isHTMX(c) {
		if u, err := url.Parse(c.Get("HX-Current-URL")); err == nil {
			next = u.RequestURI()
		}
	} else if c.Method() == fiber.MethodGet {
		next = c.OriginalURL()
	}
	if next = localPath(next); next == "/" {
		return "/signin"
	}
	return fmt.Sprintf("/signin?next=%s", url.QueryEscape(next))
}
