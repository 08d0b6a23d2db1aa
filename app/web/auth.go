package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
)

// viewer is the session that a request comes from.
type viewer struct {
	chat.Session
}

// authorize wraps a row's handler in the check of its Auth column.
func (s *Server) authorize(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		switch r.Auth {
		case probe, public:
			return s.serve(c, r, viewer{})
		case developer:
			if !s.isDeveloper(c) {
				return fiber.ErrNotFound
			}
			return s.serve(c, r, viewer{})
		}

		session, err := s.authenticate(c)
		if err == nil {
			err = checkPerson(c, session)
		}
		if err != nil {
			return s.returnWords(c, r, err)
		}
		if r.Auth == confirmed && needsName(c, session) {
			return c.Redirect(welcomePath(c), fiber.StatusSeeOther)
		}

		return s.serve(c, r, viewer{session})
	}
}

// serve spends the budget of a request that is allowed, reads its body, and runs the row's handler.
// A session that ended while the body arrived is rejected.
func (s *Server) serve(c *fiber.Ctx, r route, v viewer) error {
	if err := s.spend(c, r.Budget, v); err != nil {
		return err
	}
	if r.Method != post {
		return r.Handler(c, v)
	}

	network := s.clientNetwork(c)
	used, err := s.receiveBody(c, network, r.MaxBody)
	defer s.bodies.Release(network, used)
	if err != nil {
		return err
	}
	if used > 0 && v.ID != uuid.Nil {
		if v.Session, err = s.authenticate(c); err != nil {
			return err
		}
	}

	return r.Handler(c, v)
}

// authenticate returns the session of the request's cookie. Error pages read it
// from the request's locals.
func (s *Server) authenticate(c *fiber.Ctx) (chat.Session, error) {
	session, err := s.accounts.Authenticate(c.UserContext(), strings.Clone(c.Cookies(s.cookie)))
	if err == nil {
		c.Locals(localSession, session)
	}
	return session, err
}

// isDeveloper reports whether the request may use the development sign-in.
func (s *Server) isDeveloper(c *fiber.Ctx) bool { return s.options.DevSignIn && s.isFromThisMachine(c) }
