package web

import (
	"bytes"
	"math/rand/v2"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// How long a send that is refused at the door waits for its answer. What comes again on the same connection comes later by that much, and so the refusals
// of an overload don't take the processors that the accepted ones need.
const (
	refusalTakes = 200 * time.Millisecond // to twice that
	// mostHeldBack are held back so at once, each with its connection and its request; others are answered at once.
	mostHeldBack = 8192

	sendRoute = "/conversations/:id/messages"
)

// turnedAway refuses a send of a script or a program while as many are under way as may be, before anything is spent on it: routes, session, fields,
// membership. A plain form goes on: it is refused later, with its words in the box.
func (s *Server) turnedAway(c *fasthttp.RequestCtx) bool {
	if !c.IsPost() || !bytes.HasPrefix(c.Path(), []byte("/conversations/")) || !bytes.HasSuffix(c.Path(), []byte("/messages")) ||
		!bytes.Contains(c.Request.Header.Peek(fiber.HeaderAccept), []byte("json")) {
		return false
	}
	err := s.chat.SendOverloaded(c)
	if err == nil {
		return false
	}
	if s.heldBack.Add(1) <= mostHeldBack {
		time.Sleep(refusalTakes + rand.N(refusalTakes)) // #nosec G404 -- a delay, not a secret
	}
	s.heldBack.Add(-1)
	c.SetUserValue(localRoute, sendRoute)
	ctx := s.app.AcquireCtx(c)
	defer s.app.ReleaseCtx(ctx)
	p := s.refused(ctx, err)
	_ = ctx.JSON(p, problemType)
	return true
}
