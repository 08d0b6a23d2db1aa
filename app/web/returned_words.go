package web

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// headerPerson is a request header in which the script names the person whose page, or
// whose outbox, sends the request.
const headerPerson = "Parley-Person"

// checkPerson rejects a request that was made for another person than the one who is
// signed in now: a browser may have old pages and unsent messages of both.
func checkPerson(c *fiber.Ctx, session chat.Session) error {
	if id := c.Get(headerPerson); id != "" && id != session.Person.ID.String() {
		return &chat.Error{Kind: chat.KindSignedOut, Detail: "Someone else is signed in here now."}
	}
	return nil
}

// returnWords answers a plain form that has a text and whose sender is not signed in:
// with the sign-in page, which shows the text and leads back. It returns every other
// cause unchanged.
func (s *Server) returnWords(c *fiber.Ctx, r route, cause error) error {
	if r.Method != post || !wantsPage(c) || s.problemOf(c, cause).Status != fiber.StatusUnauthorized {
		return cause
	}

	network := s.clientNetwork(c)
	used, err := s.receiveBody(c, network, formBody)
	defer s.bodies.Release(network, used)
	if err != nil {
		return cause
	}

	form, err := fields(c)
	if err != nil || strings.TrimSpace(form["body"]) == "" {
		return cause
	}

	page := s.signInForm(c, refererPath(c))
	page.Notice, page.Words = pages.SignedOutNotice, form["body"]
	s.setStatus(c, cause)

	return s.renderSignIn(c, page)
}

// refererPath returns the path of the page whose form was posted, or "/" if the browser
// doesn't name it.
func refererPath(c *fiber.Ctx) string {
	u, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil {
		return "/"
	}
	return localPath(u.RequestURI())
}
