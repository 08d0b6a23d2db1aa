package web

import (
	"errors"
	"math"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
)

// problemType is the media type of RFC 9457.
const problemType = "application/problem+json"

// problem is an RFC 9457 problem. Detail is the sentence that people read.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Field     string `json:"field,omitempty"`
	Reference string `json:"instance"`

	retryAfter int    // seconds; 0: the default of the status
	retryPath  string // the address of the error page's link "Try again"; "": decided by the method
}

// problemError is an error whose problem is known already, for errors that are not
// the domain's.
type problemError struct {
	problem problem
	err     error // the cause, for the log
}

func (e *problemError) Error() string { return e.err.Error() }
func (e *problemError) Unwrap() error { return e.err }

// statusError gives a domain error another status than that of its kind.
type statusError struct {
	status int
	err    *chat.Error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// badRequest turns an invalid value of a path or a query into 400, because nobody typed
// it into a form. Other errors are returned unchanged.
func badRequest(err error) error {
	var e *chat.Error
	if errors.As(err, &e) && e.Kind == chat.KindInvalid {
		return &statusError{fiber.StatusBadRequest, e}
	}
	return err
}

// domainProblems has the status and the title of each kind of domain error.
var domainProblems = map[chat.Kind]struct {
	status int
	title  string
}{
	chat.KindInvalid:     {fiber.StatusUnprocessableEntity, "This won’t do yet"},
	chat.KindSignedOut:   {fiber.StatusUnauthorized, "Please sign in"},
	chat.KindNotFound:    {fiber.StatusNotFound, "There’s nothing at this address"},
	chat.KindInviteOver:  {fiber.StatusNotFound, "This link doesn’t work any more"},
	chat.KindReadOnly:    {fiber.StatusForbidden, "You aren’t friends"},
	chat.KindNotAllowed:  {fiber.StatusForbidden, "That’s not yours to do"},
	chat.KindFull:        {fiber.StatusConflict, "It is full"},
	chat.KindConflict:    {fiber.StatusConflict, "Things have changed"},
	chat.KindSpent:       {fiber.StatusConflict, "It was sent already"},
	chat.KindTooFast:     {fiber.StatusTooManyRequests, "A moment, please"},
	chat.KindNotSent:     {fiber.StatusServiceUnavailable, "Not sent"},
	chat.KindUnconfirmed: {fiber.StatusServiceUnavailable, "Not confirmed"},
	chat.KindUnavailable: {fiber.StatusServiceUnavailable, "This isn’t available right now"},
}

// problemOf returns the problem of an error: its own, or that of its domain kind, or
// that of its HTTP status. Internal errors become a plain 500.
func (s *Server) problemOf(c *fiber.Ctx, err error) problem {
	p := errorProblem(err)
	p.Reference, _ = c.Locals(localRequest).(string)
	return p
}

func errorProblem(err error) problem {
	var known *problemError
	if errors.As(err, &known) {
		return known.problem
	}

	var domain *chat.Error
	if errors.As(err, &domain) {
		if p, ok := domainProblem(domain); ok {
			var override *statusError
			if errors.As(err, &override) {
				p.Status = override.status
			}
			return p
		}
	}

	var protocol *fiber.Error
	if errors.As(err, &protocol) {
		return httpProblem(protocol.Code, protocol.Message)
	}

	return httpProblem(fiber.StatusInternalServerError, "")
}

func domainProblem(err *chat.Error) (problem, bool) {
	kind, ok := domainProblems[err.Kind]
	p := problem{
		Type:   string(err.Kind),
		Title:  kind.title,
		Status: kind.status,
		Detail: err.Detail,
		Field:  err.Field,
	}
	if err.RetryAfter > 0 {
		p.retryAfter = int(math.Ceil(err.RetryAfter.Seconds()))
	}

	return p, ok
}
