package web

import "github.com/gofiber/fiber/v2"

// httpProblems has the problem of each HTTP status that the protocol, Fiber or a
// handler rejects a request with.
var httpProblems = map[int]problem{
	fiber.StatusBadRequest: {
		Type:   "bad-request",
		Title:  "This request makes no sense",
		Detail: "Something in this address or form isn’t right. Go back and try again.",
	},
	fiber.StatusForbidden: {
		Type:  "cross-site",
		Title: "Not from here",
	},
	fiber.StatusNotFound: {
		Type:  "not-found",
		Title: "There’s nothing at this address",
		Detail: "The page may have been moved, or it belongs to a conversation you are not part of. " +
			"We don’t say which, so that nobody can find out by guessing.",
	},
	fiber.StatusMethodNotAllowed: {
		Type:   "method-not-allowed",
		Title:  "This can’t be done here",
		Detail: "This address doesn’t take that kind of request.",
	},
	fiber.StatusRequestEntityTooLarge: {
		Type:   "too-large",
		Title:  "Too much at once",
		Detail: "Too long to send. Nothing is lost: go back, and it is still there.",
	},
	fiber.StatusUnsupportedMediaType: {
		Type:   "unsupported-media-type",
		Title:  "This form can’t be read",
		Detail: "Send a form, or a JSON object of the same fields.",
	},
	fiber.StatusRequestHeaderFieldsTooLarge: {
		Type:   "headers-too-large",
		Title:  "Too much at once",
		Detail: "The browser sent more than we read. Clear this site’s cookies and try again.",
	},
	fiber.StatusInternalServerError: {
		Type:  "internal",
		Title: "Something broke on our side",
		Detail: "It isn’t anything you did. Whatever was marked “Sent” is safe. " +
			"If you were sending something just now, look whether it arrived before you send it again.",
	},
	fiber.StatusServiceUnavailable: {
		Type:  "unavailable",
		Title: "Messages can’t be saved right now",
		Detail: "Nothing you sent before is lost, and what you write stays in the box. " +
			"Please try again in a minute.",
	},
}

// httpProblem returns the problem of a status. Unknown statuses have the text of 400 or
// 500. message is the detail of statuses that have none.
func httpProblem(status int, message string) problem {
	p, ok := httpProblems[status]
	if !ok {
		p = httpProblems[fiber.StatusInternalServerError]
		if status < 500 {
			p = httpProblems[fiber.StatusBadRequest]
		}
	}

	if p.Detail == "" {
		p.Detail = message
	}

	p.Status = status
	return p
}
