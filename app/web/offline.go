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

// offlinePath is the page that the worker keeps in the browser.
const offlinePath = "/offline"

func (s *Server) showOffline(c *fiber.Ctx) error { return render(c, pages.Offline(s.offlinePage())) }

// offlinePage has nothing of a viewer's or of a moment's in it.
func (s *Server) offlinePage() layout.Page {
	return layout.Page{Title: "No connection · Parley", Asset: s.files.URL}
}

// showWorker gives the service worker, which answers for every address. Its text changes with the page that it keeps, for that is when
// browsers fetch the page anew.
func (s *Server) showWorker(c *fiber.Ctx) error {
	worker, ok := s.files.Open(s.files.URL("worker.js"), "")
	var page bytes.Buffer
	if err := pages.Offline(s.offlinePage()).Render(c.UserContext(), &page); err != nil || !ok {
		return fmt.Errorf("the worker can't be made: %w", err)
	}
	sum := sha256.Sum256(page.Bytes())
	c.Set(fiber.HeaderContentType, worker.ContentType)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.SendString(fmt.Sprintf("const kept=[%q,%q],version=%q\n%s", offlinePath, s.files.URL("front.css"),
		base64.RawURLEncoding.EncodeToString(sum[:12]), worker.Body))
}
