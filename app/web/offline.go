package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"parley/views/layout"
	"parley/views/pages"
)

// offlinePath is the page that the service worker caches.
const offlinePath = "/offline"

func (s *Server) showOffline(c *fiber.Ctx, _ viewer) error {
	return render(c, pages.Offline(s.offlinePage()))
}

// offlinePage is the same for every viewer at any time.
func (s *Server) offlinePage() layout.Page {
	return layout.Page{Title: "No connection · Parley", Asset: s.files.URL}
}

// showWorker sends the service worker, whose scope is every address. Its text
// contains a hash of the offline page, because browsers fetch the page again only
// when the text of the worker changes.
func (s *Server) showWorker(c *fiber.Ctx, _ viewer) error {
	worker, ok := s.files.Open(s.files.URL("worker.js"), "")
	var page bytes.Buffer
	if err := pages.Offline(s.offlinePage()).Render(c.UserContext(), &page); err != nil || !ok {
		return fmt.Errorf("render the service worker: %w", err)
	}

	sum := sha256.Sum256(page.Bytes())
	version := base64.RawURLEncoding.EncodeToString(sum[:12])

	c.Set(fiber.HeaderContentType, worker.ContentType)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.SendString(fmt.Sprintf("const kept=[%q,%q],version=%q\n%s",
		offlinePath, s.files.URL("front.css"), version, worker.Body))
}
