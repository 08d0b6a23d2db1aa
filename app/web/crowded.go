package web

import (
	"math/rand/v2"
	"time"

	"github.com/gofiber/fiber/v2"
)

// How long a send that is refused at the door waits for its answer. What comes again on the same connection comes later by that much, and so the refusals
// of an overload don't take the processors that the accepted ones need.
const (
	refusalTakes = 200 * time.Millisecond // to twice that
	// mostHeldBack are held back so at once, each with its connection and its request; others are answered at once.
	mostHeldBack = 8192
)

// atTheDoor refuses a send of a script or a program while as many are under way as may be, before anything is spent on it: session, fields, membership.
// A plain form goes on: it is refused later, with its words in the box.
func (s *Server) atTheDoor(c *fiber.Ctx) error {
	if !wantsJSON(c) && !wantsProblem(c) {
		return c.Next()
	}
	if err := s.chat.Crowded(c.UserContext()); err != nil {
		if s.heldBack.Add(1) <= mostHeldBack {
			time.Sleep(refusalTakes + rand.N(refusalTakes)) // #nosec G404 -- a delay, not a secret
		}
		s.heldBack.Add(-1)
		return err
	}
	return c.Next()
}
