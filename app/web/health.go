package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"parley/app/status"
)

// showHealth answers 200 while the process runs.
func (s *Server) showHealth(c *fiber.Ctx, _ viewer) error {
	return c.JSON(fiber.Map{"status": "alive"})
}

// showReadiness reports whether a load balancer should send requests to this replica:
// not while it drains, and not while no message can be made durable. One dependency
// that is down does not make a replica unready.
func (s *Server) showReadiness(c *fiber.Ctx, _ viewer) error {
	answer := fiber.Map{"status": "ready", "down": s.health.Down()}
	if s.draining.Load() {
		answer["status"] = "draining"
		setNotReady(c)
	} else if err := s.health.Ready(c.UserContext()); err != nil {
		answer["status"] = "no durable path"
		if errors.Is(err, status.ErrSchema) {
			answer["status"] = err.Error()
		}
		setNotReady(c)
	}

	return c.JSON(answer)
}

// setNotReady sets 503 and the shortest Retry-After: one second.
func setNotReady(c *fiber.Ctx) {
	c.Status(fiber.StatusServiceUnavailable)
	c.Set(fiber.HeaderRetryAfter, "1")
}
