package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/static"
)

// showFile sends a file of package static, in an encoding that the client accepts.
func (s *Server) showFile(c *fiber.Ctx, _ viewer) error {
	asset, ok := s.files.Open(strings.Clone(c.Path()), c.Get(fiber.HeaderAcceptEncoding))
	if !ok {
		return fiber.ErrNotFound
	}

	c.Set(fiber.HeaderContentType, asset.ContentType)
	c.Set(fiber.HeaderCacheControl, static.CacheControl)
	c.Set(fiber.HeaderVary, static.Vary)
	if asset.Encoding != "" {
		c.Set(fiber.HeaderContentEncoding, asset.Encoding)
	}

	return c.Send(asset.Body)
}
