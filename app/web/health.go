package web

import "github.com/gofiber/fiber/v2"

// showHealth says that the process lives.
func (s *Server) showHealth(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "alive"}) }

// showReadiness says whether a balancer should send people here: not while draining, and not without any durable path. One
// component down doesn't take a replica out.
func (s *Server) showReadiness(c *fiber.Ctx) error {
	answer := fiber.Map{"status": "ready", "down": s.health.Down()}
	if s.draining.Load() {
		answer["status"] = "draining"
		c.Status(fiber.StatusServiceUnavailable)
	} else if err := s.health.Ready(c.UserContext()); err != nil {
		answer["status"] = "no durable path"
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.JSON(answer)
}
