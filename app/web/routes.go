package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
)

// routes is the table of contents: DESIGN.md's table, "The interface".
func (s *Server) routes() {
	a := s.app
	a.Use(s.recovery, s.headers, s.sameSite)
	a.Use(compress.New(compress.Config{Next: uncompressed}))

	a.Get("/healthz", s.showHealth)
	a.Get("/readyz", s.showReadiness)
	a.Get("/static/*", s.showFile)
	a.Get("/manifest.webmanifest", s.showManifest)
	a.Get("/worker.js", s.showWorker)
	a.Get("/offline", s.showOffline)
	a.Get("/gallery", s.developers(s.showGallery))
	a.Get("/gallery/errors/:status", s.developers(s.showGalleryError))

	a.Get("/", s.showFront)
	a.Get("/signin", s.showSignIn)
	a.Post("/signin/dev", s.signInDev)
	a.Post("/signout", s.signedIn(s.signOut))

	a.Get("/conversations", s.signedIn(s.listConversations))
	a.Post("/conversations", s.signedIn(s.openConversation))
	a.Get("/conversations/:id", s.signedIn(s.showConversation))
	a.Post("/conversations/:id/messages", s.signedIn(s.createMessage))
	a.Post("/conversations/:id/read", s.signedIn(s.markRead))
	a.Post("/conversations/:id/delivered", s.signedIn(s.markDelivered))

	a.Get("/friends", s.signedIn(s.listFriends))
	a.Get("/account", s.signedIn(s.showAccount))

	a.Add(fiber.MethodHead, "/events", s.refuseHead) // Fiber's Get would let HEAD hijack the connection
	a.Get("/events", s.openStream)

	a.Use(s.showNothing)
}

// uncompressed are files, which are compressed already; streams, where it would cost 1 MiB each; and answers to posts, which are short.
func uncompressed(c *fiber.Ctx) bool {
	return c.Method() != fiber.MethodGet || strings.HasPrefix(c.Path(), "/static/") || c.Path() == "/events"
}
