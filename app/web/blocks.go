package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
)

func (s *Server) blockPerson(c *fiber.Ctx, v viewer) error {
	return s.changeFriends(c, "id", func(person uuid.UUID) error {
		return s.people.Block(c.UserContext(), v.Person, person)
	})
}

func (s *Server) unblockPerson(c *fiber.Ctx, v viewer) error {
	return s.changeFriends(c, "id", func(person uuid.UUID) error {
		return s.people.Unblock(c.UserContext(), v.Person, person)
	})
}
