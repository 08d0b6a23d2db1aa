package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/views/components"
	"parley/views/layout"
	"parley/views/pages"
)

// workerFiles are the files that the service worker caches beside the offline page: those of
// that page, and those of the frame of people's pages.
var workerFiles = []string{"front.css", "offline.js", "shell.css", "sheet.css", "htmx.js", "sse.js", "morph.js", "main.js", "frame.js"}

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
// contains a hash of the offline page and the names of the files, because browsers fetch
// them again only when the text of the worker changes.
func (s *Server) showWorker(c *fiber.Ctx, _ viewer) error {
	worker, ok := s.files.Open(s.files.URL("worker.js"), "")
	var page bytes.Buffer
	if err := pages.Offline(s.offlinePage()).Render(c.UserContext(), &page); err != nil || !ok {
		return fmt.Errorf("render the service worker: %w", err)
	}

	kept := []string{offlinePath}
	for _, name := range workerFiles {
		kept = append(kept, s.files.URL(name))
	}

	page.WriteString(strings.Join(kept, " "))
	sum := sha256.Sum256(page.Bytes())
	version := base64.RawURLEncoding.EncodeToString(sum[:12])

	var note bytes.Buffer
	if err := components.OldCopy("TIME").Render(c.UserContext(), &note); err != nil {
		return fmt.Errorf("render the service worker: %w", err)
	}

	constants, err := json.Marshal([]any{kept, version, note.String()})
	if err != nil {
		return fmt.Errorf("render the service worker: %w", err)
	}

	c.Set(fiber.HeaderContentType, worker.ContentType)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.SendString(fmt.Sprintf("const [kept,version,note]=%s;\n%s", constants, worker.Body))
}
