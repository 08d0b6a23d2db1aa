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
		notReady(c)
	} else if err := s.health.Ready(c.UserContext()); err != nil {
		answer["status"] = "no durable path"
		notReady(c)
	}
	return c.JSON(answer)
}

// notReady is 503, until a probe or two later.
func notReady(c *fiber.Ctx) {
	c.Status(fiber.StatusServiceUnavailable)
	c.Set(fiber.HeaderRetryAfter, "1")
}
