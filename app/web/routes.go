package web

import "github.com/gofiber/fiber/v2"

// routes is the table of contents: DESIGN.md's table, "The interface".
func (s *Server) routes() {
	a := s.app
	a.Use(s.recovery, s.headers, s.sameSite)

	a.Get("/healthz", s.showHealth)
	a.Get("/readyz", s.showReadiness)
	a.Get("/static/*", s.showFile)

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

	a.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
}
